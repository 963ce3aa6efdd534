package victoriametrics

import (
	"log/slog"
	"testing"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/upstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newClient talks to the endpoints over a real pool.
func newClient(t *testing.T, opts Options, endpoints ...string) *Client {
	t.Helper()
	p, err := upstream.New(t.Context(), upstream.Config{Name: "metrics", Endpoints: endpoints, Options: upstream.DefaultOptions()},
		upstream.Deps{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = p.Run(t.Context())
	}()
	t.Cleanup(func() { <-done })
	return New(p, opts)
}

func caller(tenant string, account, project uint32, scope string) *identity.Identity {
	return &identity.Identity{Tenant: tenant, Account: account, Project: project, Scope: scope}
}
