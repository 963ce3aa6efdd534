package serviceconfig

import (
	"crypto/ed25519"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/crypto/argon2"

	"github.com/platformbuilds/mirador-core/devstack/internal/settings"
	"github.com/platformbuilds/mirador-core/libs/config"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestHashFitsItsPassword(t *testing.T) {
	for _, user := range Users() {
		parts := strings.Split(user.Hash(), "$")
		if len(parts) != 6 || parts[1] != "argon2id" || parts[3] != "m=19456,t=2,p=1" {
			t.Fatalf("hash %v is not in PHC form", parts)
		}
		salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
		key, keyErr := base64.RawStdEncoding.DecodeString(parts[5])
		if saltErr != nil || keyErr != nil {
			t.Fatal(saltErr, keyErr)
		}
		if got := argon2.IDKey([]byte(user.Password), salt, 2, 19456, 1, 32); string(got) != string(key) {
			t.Errorf("the hash of %s is not of its password", user.Name)
		}
	}
}

func TestFindKnowsItsUsers(t *testing.T) {
	for _, name := range []string{Admin, Viewer, Editor, Other} {
		if user := Find(name); user.Name != name || user.Tenant == "" || user.Role == "" {
			t.Errorf("user %s is %+v", name, user)
		}
	}
	if got := Find("nobody"); got != (User{}) {
		t.Errorf("a user nobody knows is %+v", got)
	}
}

func TestPublicKeyBelongsToThePrivateOne(t *testing.T) {
	seed := make([]byte, KeySize)
	seed[0] = 7
	public, err := PublicKey(base64.StdEncoding.EncodeToString(seed))
	if err != nil {
		t.Fatal(err)
	}
	key, err := identity.ParsePublicKey(public)
	if err != nil || !key.Equal(ed25519.NewKeyFromSeed(seed).Public()) {
		t.Errorf("public key %s (%v) is another's", public, err)
	}
	if _, err := PublicKey("short"); err == nil {
		t.Error("a bad private key was accepted")
	}
}

func TestTokensAreThoseOfTheUser(t *testing.T) {
	const secret = "a secret of more than thirty-two bytes"
	tokens, err := NewTokens(secret, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	text, err := tokens.For(Find(Editor))
	if err != nil {
		t.Fatal(err)
	}
	check, err := identity.NewTokens(identity.TokenConfig{Secret: secret, Issuer: "mirador-core", Audience: "mirador-api", Lifetime: time.Minute}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := check.Verify(text)
	if err != nil || claims.Subject != "editor" || claims.Tenant != "demo" || len(claims.Roles) != 1 || claims.Roles[0] != "editor" {
		t.Errorf("claims %+v (%v), want the editor of demo", claims, err)
	}
	if _, err := NewTokens("short", time.Now); err == nil {
		t.Error("a short secret was accepted")
	}
}

// read is the part of the file that this test looks at.
type read struct {
	Port int `key:"port"`
	NATS struct {
		URLs []string `key:"urls"`
	} `key:"nats"`
	Tenants []struct {
		Name  string `key:"name"`
		ID    string `key:"id"`
		Limit int    `key:"requests_per_minute"`
	} `key:"tenants"`
	Users []struct {
		Name   string   `key:"name"`
		Tenant string   `key:"tenant"`
		Roles  []string `key:"roles"`
		Hash   string   `key:"password_hash"`
		Full   string   `key:"full_name"`
	} `key:"auth.users"`
	Query  string   `key:"query.listen"`
	Logs   []string `key:"database.victoria_logs.endpoints"`
	Traces []string `key:"database.victoria_traces.endpoints"`
}

func TestFileIsReadAsMeant(t *testing.T) {
	text, err := File(Values{
		Ports:  settings.Ports{{Part: settings.Gateway, Number: 8080}, {Part: settings.Query, Number: 9101}},
		NATS:   []string{"nats://127.0.0.1:14222"},
		Valkey: []string{"127.0.0.1:16379"}, Metrics: []string{`http://a"b`}, Logs: []string{"http://l"}, Traces: []string{"http://t"}, Limits: settings.Limits{Demo: 60_000, Other: 1000}, PublicKey: "key",
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := config.Load(read{}, config.Options{File: write(t, text), Environ: []string{"HOME=/"}})
	if err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	if got.Port != 8080 || got.Query != "127.0.0.1:9101" || len(got.NATS.URLs) != 1 || len(got.Users) != len(Users()) {
		t.Errorf("read %+v", got)
	}
	if len(got.Logs) != 1 || got.Logs[0] != "http://l" || len(got.Traces) != 1 || got.Traces[0] != "http://t" {
		t.Errorf("back ends of logs %v, of traces %v", got.Logs, got.Traces)
	}
	if len(got.Tenants) != 2 || got.Tenants[0].ID != "1:0" || got.Tenants[1].Name != "other" || got.Tenants[0].Limit != 60_000 {
		t.Errorf("tenants %+v, want demo 1:0 and other", got.Tenants)
	}
}

func write(t *testing.T, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
