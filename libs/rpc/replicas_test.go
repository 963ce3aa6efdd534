package rpc

import (
	"context"
	"testing"

	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// replicas starts n servers that answer with their number, behind one name.
func replicas(t *testing.T, n int) (*Client, []*rig) {
	t.Helper()
	var rigs []*rig
	var state resolver.State
	for i := range n {
		lis := listen(t, "127.0.0.1:0")
		name := string(rune('a' + i))
		rigs = append(rigs, start(t, lis, &echo{say: func(context.Context, string) (string, error) { return name, nil }}, nil))
		state.Addresses = append(state.Addresses, resolver.Address{Addr: lis.Addr().String()})
	}
	names := manual.NewBuilderWithScheme("replicas")
	names.InitialState(state)
	resolver.Register(names)
	return dial(t, "replicas:///echo", ClientOptions{}), rigs
}

// answering returns who answers some calls, none of which may fail.
func answering(t *testing.T, c *Client) map[string]bool {
	t.Helper()
	seen := map[string]bool{}
	for range 40 {
		name, err := call(as(t, "reader"), c, "Say", "")
		if err != nil {
			t.Fatal(err)
		}
		seen[name] = true
	}
	return seen
}

func TestReplicasShareTheCalls(t *testing.T) {
	c, rigs := replicas(t, 3)
	eventually(t, "balanced", func() bool { return len(answering(t, c)) == 3 })

	// One drains as service does it: not serving, then no new calls.
	rigs[0].health.Shutdown()
	eventually(t, "left out", func() bool { return !answering(t, c)["a"] })
	rigs[0].server.GracefulStop()
	if got := answering(t, c); len(got) != 2 {
		t.Errorf("answered by %v", got)
	}

	// One dies: only calls that were under way, or that met a connection not
	// yet known to be dead, may break.
	rigs[1].server.Stop()
	streak := 0
	eventually(t, "moved on", func() bool {
		name, err := call(as(t, "reader"), c, "Say", "")
		if err != nil {
			wantCode(t, err, fault.CodeUnavailable)
		}
		if streak++; name != "c" {
			streak = 0
		}
		return streak == 40
	})
}
