package login

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/gateway/internal/access"
	"github.com/platformbuilds/mirador-core/gateway/internal/account"
	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = "correct horse"

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// revocations is the watched bucket as one process sees it.
type revocations struct {
	mu       sync.Mutex
	sessions map[string]bool
	users    map[string]time.Time
	age      time.Duration
	err      error
}

func (r *revocations) Revoked(session, tenant, user string, issued time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sessions[session] || issued.Before(r.users[tenant+"/"+user])
}

func (r *revocations) RevokeSession(_ context.Context, session string, _ time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.sessions[session] = true
	}
	return r.err
}

func (r *revocations) Age() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.age
}

// world is a service with everything around it.
type world struct {
	*Service
	clock    *clock
	revoked  *revocations
	verifier *identity.Verifier
	log      *bytes.Buffer
}

type option func(*Config, *Parts)

func newWorld(t testing.TB, options ...option) *world {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	check(t, err)
	w := &world{clock: &clock{now: time.Unix(1_800_000_000, 0)}, log: &bytes.Buffer{},
		revoked: &revocations{sessions: map[string]bool{}, users: map[string]time.Time{}}}
	w.verifier = identity.NewVerifier([]ed25519.PublicKey{public}, w.clock.Now)
	cfg := Defaults()
	cfg.Users = users(t)
	p := Parts{Rights: access.New(cfg.RBAC), Signer: identity.NewSigner(private, w.clock.Now), Now: w.clock.Now,
		Store: cache.NewMemory(w.clock.Now), Revocations: w.revoked, Log: slog.New(slog.NewTextHandler(w.log, nil))}
	for _, o := range options {
		o(&cfg, &p)
	}
	check(t, cfg.Validate())
	p.Tokens, err = identity.NewTokens(cfg.Tokens(), w.clock.Now)
	check(t, err)
	p.Tenants, err = account.NewTenants([]account.TenantConfig{{Name: "demo", ID: "1"}, {Name: "other", ID: "2:7"}})
	check(t, err)
	p.Users, err = account.NewUsers(cfg.Users, p.Tenants)
	check(t, err)
	w.Service, err = New(cfg, p)
	check(t, err)
	return w
}

// users are cheap to check: the work of a hash is not under test here.
func users(t testing.TB) []account.UserConfig {
	t.Helper()
	h, err := newHash(password, cost{memory: 64, passes: 1, lanes: 1}, rand.Reader)
	check(t, err)
	return []account.UserConfig{
		{Name: "ann", Tenant: "demo", Roles: []string{"viewer"}, PasswordHash: h.String(), Email: "ann@example.com", FullName: "Ann"},
		{Name: "bob", Tenant: "other", Roles: []string{"admin"}, PasswordHash: h.String()},
	}
}

// login logs a user in who must get in.
func (w *world) login(t testing.TB, user string) *Grant {
	t.Helper()
	g, err := w.Login(t.Context(), Attempt{User: user, Password: password, Address: "192.0.2.1", Agent: "test"})
	check(t, err)
	return g
}

// in returns the principal of a credential that must hold.
func (w *world) in(t testing.TB, credential string) *Principal {
	t.Helper()
	p, err := w.Authenticate(t.Context(), credential)
	check(t, err)
	return p
}

// out fails unless the credential is refused with the code.
func (w *world) out(t testing.TB, credential string, code fault.Code) {
	t.Helper()
	_, err := w.Authenticate(t.Context(), credential)
	hasCode(t, err, code)
}

func hasCode(t testing.TB, err error, code fault.Code) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != code {
		t.Errorf("error %v, want code %s", err, code)
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is[V comparable](t testing.TB, what string, got, want V) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }
