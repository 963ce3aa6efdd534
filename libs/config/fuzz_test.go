package config

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// FuzzLoad looks for files that crash the loader, or that are taken although
// the values do not read back.
func FuzzLoad(f *testing.F) {
	f.Add("port: 1\n")
	f.Add("tenants: [{name: a, limits: {requests: 1}}]\ncache: {nodes: 'a,b', ttl: 1h}\n")
	f.Add("cache: {ttl: 9223372036854775807}\n")
	f.Add("a.b: {c: [1, {d: null}]}\n")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, content string) {
		file := filepath.Join(dir, "fuzz.yaml")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Load(defaults(), Options{Service: "query", File: file, Environ: []string{"A=b"}})
		if err == nil && c.Level == "loud" {
			t.Error("an invalid value is taken")
		}
	})
}

// FuzzDuration: a bare number times its unit never wraps around.
func FuzzDuration(f *testing.F) {
	f.Add("9223372036854775807")
	f.Add("-1")
	f.Add("1h")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Load(defaults(), Options{Service: "query", Environ: []string{"CACHE_TTL=" + text}, Dir: t.TempDir()})
		if err != nil {
			return
		}
		if len(text) > 0 && text[0] == '-' && c.TTL > 0 && c.TTL != 300*time.Second {
			t.Errorf("%q reads as %v", text, c.TTL)
		}
	})
}

func FuzzDistance(f *testing.F) {
	f.Add("prot", "port")
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a) > 200 || len(b) > 200 {
			return
		}
		d := distance(a, b)
		if d != distance(b, a) || (d == 0) != (a == b) || d > max(len(a), len(b)) {
			t.Errorf("distance(%q, %q) = %d", a, b, d)
		}
	})
}
