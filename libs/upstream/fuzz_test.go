package upstream

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"testing"
	"time"
)

func FuzzParseEndpoint(f *testing.F) {
	for _, s := range []string{"http://a:1", "https://[::1]:8481/base/", "http://u:p@a", "ftp://a", "http://a?x", "http:///", "http://a/%2f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := parseEndpoint(text)
		if err != nil {
			return
		}
		if u.User != nil || u.RawQuery != "" || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
			t.Errorf("%q became %+v", text, u)
		}
		if again, err := parseEndpoint(u.String()); err != nil || again.String() != u.String() {
			t.Errorf("%q became %q, then %v, %v", text, u, again, err)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("7")
	f.Add("-1")
	f.Add("99999999999999999999")
	f.Add("Wed, 21 Oct 2026 07:28:00 GMT")
	f.Fuzz(func(t *testing.T, text string) {
		if d := retryAfter(http.Header{"Retry-After": {text}}); d < 0 || d > time.Minute {
			t.Errorf("%q means %s", text, d)
		}
	})
}

// FuzzCompressedAnswer reads what pretends to be compressed; whatever it is,
// the answer stays within the limit.
func FuzzCompressedAnswer(f *testing.F) {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, _ = w.Write(make([]byte, 10_000))
	_ = w.Close()
	f.Add("gzip", buf.Bytes())
	f.Add("zstd", []byte{0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58, 0x01})
	f.Add("", []byte("plain"))
	const limit = 4096
	p := &Pool{cfg: Config{Name: "fuzz", Options: Options{MaxAnswerBytes: limit}}}
	f.Fuzz(func(t *testing.T, coding string, data []byte) {
		c, err := open(coding, bytes.NewReader(data))
		if err != nil {
			return
		}
		defer c.close()
		b := &body{pool: p, ctx: t.Context(), src: c.reader, codec: c, left: limit}
		if err := b.prefetch(1024, -1); err != nil {
			return
		}
		if got, _ := io.ReadAll(b); len(got) > limit {
			t.Errorf("%d bytes of an answer limited to %d", len(got), limit)
		}
	})
}
