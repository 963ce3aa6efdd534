package transcript

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/klauspost/compress/gzip"
)

// Reply is what a server answered, its body unpacked.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// client shows answers as they came and leaves no connection behind.
var client = &http.Client{
	Transport:     &http.Transport{DisableCompression: true, DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Open repeats the request at base, a URL without a path, and gives the answer
// unread; the caller closes its body.
func (e Exchange) Open(ctx context.Context, base string) (*http.Response, error) {
	body, err := e.Body()
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, e.Request.Method, base+e.Request.Path+e.Query(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	e.addHeaders(req.Header)
	return client.Do(req)
}

// Send repeats the request at base, a URL without a path.
func (e Exchange) Send(ctx context.Context, base string) (Reply, error) {
	res, err := e.Open(ctx, base)
	if err != nil {
		return Reply{}, err
	}
	return read(res)
}

// Serve repeats the request with a handler; like httptest it panics for a
// request line that is none.
func (e Exchange) Serve(ctx context.Context, h http.Handler) (Reply, error) {
	body, err := e.Body()
	if err != nil {
		return Reply{}, err
	}
	req := httptest.NewRequestWithContext(ctx, e.Request.Method, e.Request.Path+e.Query(), bytes.NewReader(body))
	e.addHeaders(req.Header)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return read(w.Result())
}

func (e Exchange) addHeaders(to http.Header) {
	for name, value := range e.Request.Headers {
		to.Set(name, value)
	}
	for _, kv := range e.Request.List {
		to.Add(kv[0], kv[1])
	}
}

func read(res *http.Response) (Reply, error) {
	defer res.Body.Close()
	var from io.Reader = res.Body
	if res.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(res.Body)
		if err != nil {
			return Reply{}, err
		}
		from = z
	}
	body, err := io.ReadAll(from)
	return Reply{res.StatusCode, res.Header, body}, err
}

// Eventually tries until there is no error, for a real server that needs a
// moment to show what it took, and returns the last error when within or ctx
// ends.
func Eventually(ctx context.Context, within time.Duration, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond):
		}
	}
}
