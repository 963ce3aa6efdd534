package stack

import (
	"strconv"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/e2e/client"
)

// Goroutines of the process whose /metrics the client reaches.
func (s *Stack) Goroutines(t *testing.T, c *client.Client) int {
	t.Helper()
	for line := range strings.Lines(string(c.Get(t, "/metrics").Want(t, 200).Body)) {
		if rest, ok := strings.CutPrefix(line, "go_goroutines "); ok {
			n, err := strconv.Atoi(strings.TrimSpace(rest))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("no go_goroutines in /metrics\n" + s.Output())
	return 0
}
