package answer

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/rpc"
)

// client keeps what is sent.
type client struct {
	header, trailer metadata.MD
	types           []string
	body            bytes.Buffer
	sent            chan int
	fail            error
}

func newClient() *client { return &client{sent: make(chan int, 10_000)} }

func (c *client) SetHeader(md metadata.MD) error {
	if c.header != nil {
		return errors.New("header twice")
	}
	c.header = md
	return nil
}

func (c *client) SendHeader(md metadata.MD) error { return c.SetHeader(md) }
func (c *client) SetTrailer(md metadata.MD)       { c.trailer = md }

func (c *client) Send(m *httpbody.HttpBody) error {
	if c.fail != nil {
		return c.fail
	}
	c.types = append(c.types, m.ContentType)
	c.body.Write(m.Data)
	c.sent <- len(m.Data)
	return nil
}

func TestSmallBodyIsWhole(t *testing.T) {
	for _, body := range []string{"", "ab"} {
		c := newClient()
		w := NewWriter(c, "text/csv", metadata.Pairs("a", "b"))
		_, _ = w.Write([]byte(body))
		if err := w.Close(metadata.Pairs(rpc.KeyRows, "1")); err != nil {
			t.Fatal(err)
		}
		w.Abandon()
		if c.body.String() != body || len(c.types) != 1 || c.types[0] != "text/csv" || c.trailer.Get(rpc.KeyRows)[0] != "1" {
			t.Errorf("got %q, %v, %v", c.body.String(), c.types, c.trailer)
		}
		if got := c.header; got.Get(rpc.KeyLength)[0] != map[string]string{"": "0", "ab": "2"}[body] || got.Get("a")[0] != "b" || got.Get(rpc.KeyCache)[0] != "bypass" {
			t.Errorf("got header %v", got)
		}
	}
}

func TestLargeBodyLeavesAsItGrows(t *testing.T) {
	c := newClient()
	w := NewWriter(c, "x", nil)
	row := []byte(strings.Repeat("x", 1000))
	for range 2000 {
		if _, err := w.Write(row); err != nil {
			t.Fatal(err)
		}
		w.mu.Lock()
		held := cap(w.buf)
		w.mu.Unlock()
		if held > 2*gathered {
			t.Fatalf("holds %d bytes", held)
		}
	}
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
	if c.body.Len() != 2_000_000 || c.types[0] != "x" || strings.Join(c.types[1:], "") != "" || c.header.Get(rpc.KeyLength) != nil {
		t.Errorf("got %d bytes, header %v", c.body.Len(), c.header)
	}
	close(c.sent)
	for n := range c.sent {
		if n > piece {
			t.Errorf("a message of %d bytes", n)
		}
	}
}

// TestFirstRowDoesNotWait for the rest of the body.
func TestFirstRowDoesNotWait(t *testing.T) {
	c := newClient()
	w := NewWriter(c, "x", nil)
	_, _ = w.Write([]byte("first"))
	if n := <-c.sent; n != 5 {
		t.Errorf("got %d bytes", n)
	}
	_, _ = w.Write([]byte("second"))
	if n := <-c.sent; n != 6 {
		t.Errorf("got %d bytes", n)
	}
	if err := w.Close(nil); err != nil || c.header.Get(rpc.KeyLength) != nil {
		t.Errorf("got %v, %v", err, c.header)
	}
}

// TestAbandonedBodySendsNothing, so that an error can still become a status.
func TestAbandonedBodySendsNothing(t *testing.T) {
	c := newClient()
	w := NewWriter(c, "x", nil)
	_, _ = w.Write([]byte("first"))
	w.Abandon()
	w.late()
	if len(c.sent) != 0 || c.header != nil {
		t.Errorf("sent %v", c.header)
	}
}

func TestClientIsGone(t *testing.T) {
	gone := errors.New("gone")
	c := newClient()
	c.fail = gone
	w := NewWriter(c, "x", nil)
	_, _ = w.Write([]byte("a"))
	if err := w.Close(nil); !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
	c = newClient()
	c.fail = gone
	w = NewWriter(c, "x", nil)
	_, err := w.Write(make([]byte, gathered+1))
	if _, again := w.Write([]byte("b")); !errors.Is(err, gone) || !errors.Is(again, gone) || !errors.Is(w.Close(nil), gone) {
		t.Errorf("got %v, %v", err, again)
	}
}
