package edge_test

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// Fiber alone would bring a fasthttp that accepts two Host headers and bad
// chunks: the newer one must really be what is linked.
func TestLibraryVersions(t *testing.T) {
	least := map[string]string{"github.com/valyala/fasthttp": "v1.73.0", "github.com/gofiber/fiber/v2": "v2.52.15"}
	for module, want := range least {
		// Test binaries carry no list of modules, so the go command is asked for
		// what it links.
		out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Version}}", module).Output()
		if err != nil {
			t.Fatalf("ask for the version of %s: %v", module, err)
		}
		if got := strings.TrimSpace(string(out)); older(got, want) {
			t.Errorf("%s is %s, want at least %s", module, got, want)
		}
	}
}

func older(a, b string) bool {
	as, bs := strings.Split(strings.TrimPrefix(a, "v"), "."), strings.Split(strings.TrimPrefix(b, "v"), ".")
	for i := range bs {
		x, errX := strconv.Atoi(as[i])
		y, errY := strconv.Atoi(bs[i])
		if errX != nil || errY != nil || x != y {
			return x < y
		}
	}
	return false
}

func TestOlder(t *testing.T) {
	if !older("v1.51.0", "v1.73.0") || older("v1.73.0", "v1.73.0") || older("v2.0.0", "v1.73.0") || !older("v1.9.0", "v1.73.0") {
		t.Error("versions are compared wrongly")
	}
}
