package edge_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// Encoded forms are remembered by body: another body must not be taken for it.
func TestEncodedFormsAreKeptApart(t *testing.T) {
	w := begin(t)
	w.query.ttl = "60000"
	for turn := range 3 {
		for _, name := range []string{"first", "second"} {
			body := `{"data":"` + strings.Repeat(name[:5], 1000) + `"}`
			w.query.text = body
			a := w.do(t, "GET", "/query?query="+name, "", viewer, "Accept-Encoding: gzip")
			if got := unpack(t, a); got != body {
				t.Errorf("turn %d, %s: %.40s...", turn, name, got)
			}
		}
	}
}

func TestEncoding(t *testing.T) {
	w := begin(t)
	w.query.ttl = "60000"
	body := `{"status":"success","data":"` + strings.Repeat("abc", 2000) + `"}`
	w.query.text = body
	tests := []struct{ accept, want string }{
		{"gzip", "gzip"}, {"zstd", "zstd"}, {"gzip, zstd", "zstd"}, {"gzip;q=1.0, zstd;q=0.5", "gzip"}, {"", ""}, {"br", ""},
		{"gzip;q=0", ""}, {"identity", ""}, {"GZIP", "gzip"}, {"gzip;q=nonsense", ""},
	}
	for _, tt := range tests {
		for _, turn := range []string{"first", "again"} {
			a := w.do(t, "GET", "/query?query=up", "", viewer, "Accept-Encoding: "+tt.accept)
			if got := a.Header.Get("Content-Encoding"); got != tt.want {
				t.Errorf("%q %s: coding %q, want %q", tt.accept, turn, got, tt.want)
			}
			if got := unpack(t, a); got != body {
				t.Errorf("%q %s: body of %d bytes", tt.accept, turn, len(got))
			}
			if !strings.Contains(strings.Join(a.Header.Values("Vary"), ","), "Accept-Encoding") {
				t.Errorf("%q: Vary %v", tt.accept, a.Header.Values("Vary"))
			}
		}
	}
	if a := w.do(t, "GET", "/health", "", "Accept-Encoding: gzip"); a.Header.Get("Content-Encoding") != "" {
		t.Error("a tiny answer was packed")
	}
	w.query.says(func(send func(string) error) error { return large(send, 20) })
	for _, coding := range []string{"gzip", "zstd"} {
		a := w.do(t, "GET", "/query?query=large", "", viewer, "Accept-Encoding: "+coding)
		if a.err != nil || a.Header.Get("Content-Encoding") != coding || len(unpack(t, a)) != 20<<16 {
			t.Errorf("%s stream: %v, %d bytes", coding, a.err, len(a.body))
		}
		w.epochs.Raise("demo", w.epochs.Epoch("demo")+1)
	}
}

func unpack(t *testing.T, a answer) string {
	t.Helper()
	var r io.Reader = bytes.NewReader(a.body)
	switch a.Header.Get("Content-Encoding") {
	case "gzip":
		z, err := gzip.NewReader(r)
		must(t, err)
		r = z
	case "zstd":
		z, err := zstd.NewReader(r)
		must(t, err)
		defer z.Close()
		r = z
	}
	b, err := io.ReadAll(r)
	must(t, err)
	return string(b)
}
