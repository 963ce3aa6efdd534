package transcript

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
)

// echo answers with what it was asked: packed when that is accepted, and with
// a redirection.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var to io.Writer = w
	if r.Header.Get("Accept-Encoding") == "gzip" {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		defer z.Close()
		to = z
	}
	w.Header().Set("Location", "/elsewhere")
	w.WriteHeader(http.StatusFound)
	fmt.Fprintf(to, "%s %s %q %q", r.Method, r.URL, r.Header.Values("AccountID"), body)
}

// TestSendAndServe asks a server and its handler the same.
func TestSendAndServe(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(echo))
	defer web.Close()
	for _, headers := range []map[string]string{{"AccountID": "1"}, {"AccountID": "1", "Accept-Encoding": "gzip"}} {
		e := Exchange{Request: Request{Method: http.MethodPost, Path: "/a", Query: [][2]string{{"b", "c d"}}, Headers: headers, List: [][2]string{{"AccountID", "2"}}, Body: "text"}}
		sent, err := e.Send(t.Context(), web.URL)
		served, other := e.Serve(t.Context(), http.HandlerFunc(echo))
		if err = errors.Join(err, other); err != nil {
			t.Fatal(err)
		}
		for _, got := range []Reply{sent, served} {
			const want = `POST /a?b=c+d ["1" "2"] "text"`
			if string(got.Body) != want || got.Status != http.StatusFound || got.Header.Get("Content-Encoding") != headers["Accept-Encoding"] {
				t.Errorf("%d %v %q, want %q", got.Status, got.Header, got.Body, want)
			}
		}
	}
}

func TestSendFails(t *testing.T) {
	broken := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		fmt.Fprint(w, "not packed")
	})
	if got, err := (Exchange{Request: Request{Path: "/"}}).Serve(t.Context(), broken); err == nil {
		t.Errorf("broken body read as %q", got.Body)
	}
	for _, e := range []Exchange{{Request: Request{Base64: "?"}}, {Request: Request{Method: "no method"}}} {
		if _, err := e.Send(t.Context(), "http://127.0.0.1:0"); err == nil {
			t.Errorf("%+v was sent", e.Request)
		}
	}
}

func TestCheck(t *testing.T) {
	e := Exchange{Response: Response{Status: 200, Headers: map[string]string{"Vary": "Accept"}}}
	good := Reply{Status: 200, Header: http.Header{"Vary": {"Accept"}, "Date": {"today"}}}
	listed, head, cut := e, e, e
	listed.Request.List, head.Request.Method, cut.Response.Connection = [][2]string{{"A", "1"}}, http.MethodHead, "closed"
	listed.Response.Headers = nil
	body := errors.New("other body")
	tests := []struct {
		name string
		e    Exchange
		got  Reply
		body error
		want string
	}{
		{"same", e, good, nil, ""},
		{"status", e, Reply{Status: 204, Header: good.Header}, nil, "status 204, recorded 200"},
		{"header", e, Reply{Status: 200}, nil, `Vary "", recorded "Accept"`},
		{"body", e, good, body, "other body"},
		{"HEAD", head, good, body, ""},
		{"header not recorded", listed, good, nil, ""},
		{"no answer", cut, good, nil, "connection closed"},
	}
	for _, tt := range tests {
		err := tt.e.Check(tt.got, []string{"Vary"}, func([]byte) error { return tt.body })
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestEventually(t *testing.T) {
	tries := 0
	try := func(context.Context) error {
		if tries++; tries < 2 {
			return io.EOF
		}
		return nil
	}
	if err := Eventually(t.Context(), time.Minute, try); err != nil || tries != 2 {
		t.Errorf("%v after %d tries", err, tries)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Eventually(ended, time.Minute, func(context.Context) error { return io.EOF }); !errors.Is(err, io.EOF) {
		t.Errorf("ended with %v", err)
	}
}
