package login

import (
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/gateway/internal/account"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

func TestConfigNamesEveryFault(t *testing.T) {
	if err := Defaults().Validate(); err != nil {
		t.Errorf("defaults: %v", err)
	}
	bad := Config{JWT: JWTConfig{Secret: "letmein"}, Session: SessionConfig{Idle: time.Hour},
		Users: []account.UserConfig{{Name: "ann", PasswordHash: "hunter2"}}}
	err := bad.Validate()
	for _, word := range []string{"jwt.issuer", "jwt.expiry_minutes", "jwt.secret", "session.absolute", "lockout.free", "lockout: want", "anonymous.tenant", `"ann"`} {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%v does not speak of %s", err, word)
		}
	}
	if strings.Contains(err.Error(), "letmein") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v shows a secret", err)
	}
}

func TestProductionRefusesToStart(t *testing.T) {
	good := Defaults()
	good.JWT.Secret = strings.Repeat("k", 32)
	tests := []struct {
		name   string
		change func(*Config)
		word   string
	}{
		{"authentication off", func(c *Config) { c.Enabled = false }, "auth.enabled"},
		{"roles off", func(c *Config) { c.RBAC.Enabled = false }, "auth.rbac.enabled"},
		{"no secret", func(c *Config) { c.JWT.Secret = "" }, "auth.jwt.secret"},
		{"default secret", func(c *Config) { c.JWT.Secret = identity.DevelopmentSecret }, "auth.jwt.secret"},
		{"default secret with something", func(c *Config) { c.JWT.Secret = identity.DevelopmentSecret + "1" }, "auth.jwt.secret"},
		{"cookie without HTTPS", func(c *Config) { c.Session.CookieSecure = false }, "cookie_secure"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := good
			tt.change(&c)
			for _, environment := range []string{"production", "staging", "", "Development"} {
				if err := c.ValidateFor(environment); err == nil || !strings.Contains(err.Error(), tt.word) {
					t.Errorf("%q: %v does not speak of %s", environment, err, tt.word)
				}
			}
			for _, environment := range []string{"development", "test"} {
				if err := c.ValidateFor(environment); err != nil {
					t.Errorf("%q: %v", environment, err)
				}
			}
		})
	}
	if err := good.ValidateFor("production"); err != nil {
		t.Errorf("good configuration: %v", err)
	}
}

func TestShortSecretIsRefusedEverywhere(t *testing.T) {
	c := Defaults()
	c.JWT.Secret = strings.Repeat("k", 31)
	if c.Validate() == nil {
		t.Error("a secret of 31 bytes passed")
	}
	c.JWT.Secret += "k"
	if err := c.Validate(); err != nil {
		t.Errorf("a secret of 32 bytes: %v", err)
	}
}

func TestRevocationsOutliveWhatTheySpeakOf(t *testing.T) {
	c := Defaults()
	for _, expiry := range []time.Duration{time.Minute, 1000 * time.Hour} {
		c.JWT.Expiry = expiry
		if keep := c.KeepRevocations(); keep <= expiry || keep <= c.Session.Absolute {
			t.Errorf("kept for %s with tokens of %s", keep, expiry)
		}
	}
}
