package edge_test

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// large is longer than what is checked whole, in messages of the usual size.
func large(send func(string) error, chunks int) error {
	chunk := strings.Repeat("0123456789abcdef", 4<<10)
	for range chunks {
		if err := send(chunk); err != nil {
			return err
		}
	}
	return nil
}

func TestStream(t *testing.T) {
	w := begin(t)
	w.query.says(func(send func(string) error) error { return large(send, 50) })
	a := w.do(t, "GET", "/query?query=up", "", viewer)
	if a.err != nil || len(a.body) != 50<<16 || len(a.TransferEncoding) != 1 || a.ContentLength != -1 {
		t.Errorf("%d bytes, %v, %v", len(a.body), a.err, a.TransferEncoding)
	}
	if got := strings.Count(w.log.String(), `"endpoint":"/query"`); got != 1 {
		t.Errorf("the stream was logged %d times", got)
	}
	head := w.do(t, "HEAD", "/query?query=head", "", viewer)
	if head.StatusCode != http.StatusOK || len(head.body) != 0 {
		t.Errorf("HEAD: %d, %d bytes", head.StatusCode, len(head.body))
	}
}

// A body that breaks in the middle must not look complete: the final chunk is
// missing and the connection is closed.
func TestBrokenStreamIsCut(t *testing.T) {
	for _, coding := range []string{"identity", "gzip", "zstd"} {
		t.Run(coding, func(t *testing.T) {
			w := begin(t)
			w.query.says(func(send func(string) error) error {
				if err := large(send, 20); err != nil {
					return err
				}
				return errors.New("back end broke")
			})
			a := w.do(t, "GET", "/query?query=up", "", viewer, "Accept-Encoding: "+coding)
			if !errors.Is(a.err, io.ErrUnexpectedEOF) {
				t.Errorf("the client read %d bytes and %v", len(a.body), a.err)
			}
			if coding == "identity" && len(a.body) == 0 {
				t.Error("what had come was not passed on")
			}
			if !strings.Contains(w.log.String(), "stream answer") {
				t.Error("the log does not tell")
			}
		})
	}
}

func TestFirstBytesDoNotWaitForTheLast(t *testing.T) {
	w := begin(t)
	release := make(chan struct{})
	w.query.says(func(send func(string) error) error {
		if err := send("begin"); err != nil {
			return err
		}
		<-release
		return send("end")
	})
	c := w.dial(t)
	_, err := io.WriteString(c, "GET /query?query=up HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"+viewer+"\r\n\r\n")
	must(t, err)
	r := bufio.NewReader(c)
	for line := ""; !strings.HasPrefix(line, "begin"); {
		if line, err = r.ReadString('\n'); err != nil {
			t.Errorf("nothing came before the end: %v", err)
			break
		}
	}
	close(release)
	if rest, err := io.ReadAll(r); err != nil || !strings.HasSuffix(string(rest), "end\r\n0\r\n\r\n") {
		t.Errorf("the end is %q, %v", rest[max(0, len(rest)-20):], err)
	}
}

// A client that left must cancel the call behind.
func TestClientThatLeavesCancelsTheCall(t *testing.T) {
	w := begin(t)
	ended := make(chan error, 1)
	w.query.says(func(send func(string) error) error {
		var err error
		for err == nil {
			err = large(send, 1)
		}
		ended <- err
		return err
	})
	c := w.dial(t)
	_, err := io.WriteString(c, "GET /query?query=up HTTP/1.1\r\nHost: a\r\n"+viewer+"\r\n\r\n")
	must(t, err)
	_, err = io.ReadFull(c, make([]byte, 1<<20))
	must(t, err)
	must(t, c.Close())
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("the call goes on without its client")
	}
	// Nobody may wait for the answer that will never come.
	w.query.says(nil)
	if a := w.do(t, "GET", "/query?query=up", "", viewer); a.StatusCode != http.StatusOK {
		t.Errorf("the same query again: %d %s", a.StatusCode, a.body)
	}
}
