package ingest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/golang/snappy"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// pack returns what w makes of text.
func pack(t *testing.T, text string, open func(io.Writer) (io.WriteCloser, error)) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := open(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = io.WriteString(w, text); err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var packers = map[string]func(io.Writer) (io.WriteCloser, error){
	"gzip":    func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil },
	"deflate": func(w io.Writer) (io.WriteCloser, error) { return zlib.NewWriter(w), nil },
	"zstd":    func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1)) },
}

func post(body []byte, encoding string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/insert/jsonline", bytes.NewReader(body))
	r.Header.Set("Content-Encoding", encoding)
	return r
}

func TestBodyIsUnpacked(t *testing.T) {
	const text = `{"_msg":"x"}`
	bodies := map[string][]byte{"": []byte(text), "snappy": snappy.Encode(nil, []byte(text))}
	for encoding, open := range packers {
		bodies[encoding] = pack(t, text, open)
	}
	for encoding, body := range bodies {
		if got, err := Body(post(body, encoding)); string(got) != text || err != nil {
			t.Errorf("%q: %q, %v", encoding, got, err)
		}
		if encoding == "" {
			continue
		}
		if got, err := Body(post([]byte("nothing of the kind"), encoding)); err == nil {
			t.Errorf("%q takes what it is not: %q", encoding, got)
		}
	}
}

// TestBombsAreRefused: a small body that unpacks to more than the bound.
func TestBombsAreRefused(t *testing.T) {
	const limit = 1 << 20
	bodies := map[string][]byte{"": make([]byte, limit+1), "snappy": snappy.Encode(nil, make([]byte, limit+1))}
	for encoding, open := range packers {
		bodies[encoding] = pack(t, strings.Repeat("x", limit+1), open)
	}
	for encoding, body := range bodies {
		if got, err := read(post(body, encoding), limit); err == nil {
			t.Errorf("%q: %d bytes are taken", encoding, len(got))
		}
	}
}

// TestTooLargeIsTold: not lost with a friendly status.
func TestTooLargeIsTold(t *testing.T) {
	w := httptest.NewRecorder()
	New(store.New(store.Options{}), nil).ServeHTTP(w, post(make([]byte, maxBody+1), ""))
	if w.Code != http.StatusBadRequest {
		t.Errorf("status %d", w.Code)
	}
}
