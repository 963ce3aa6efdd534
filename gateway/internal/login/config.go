package login

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/gateway/internal/access"
	"github.com/platformbuilds/mirador-core/gateway/internal/account"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

// Config is the `auth` section.
type Config struct {
	// Enabled asks for a credential; off is for development only.
	Enabled bool `key:"enabled" env:"AUTH_ENABLED" doc:"ask for a credential; off is for development only"`
	// Anonymous is everybody's identity while Enabled is off.
	Anonymous AnonymousConfig `key:"anonymous"`
	// JWT says how access tokens are signed.
	JWT JWTConfig `key:"jwt"`
	// Session bounds sessions.
	Session SessionConfig `key:"session"`
	// Lockout slows down guessing.
	Lockout LockoutConfig `key:"lockout"`
	// RBAC turns roles into rights.
	RBAC access.Config `key:"rbac"`
	// Users who may log in with a password.
	Users []account.UserConfig `key:"users" doc:"local users"`
}

// AnonymousConfig is the identity of requests while authentication is off.
type AnonymousConfig struct {
	// Tenant of the identity.
	Tenant string `key:"tenant" doc:"tenant of every request while auth.enabled is off"`
	// Roles of the identity.
	Roles []string `key:"roles" doc:"roles of every request while auth.enabled is off"`
}

// JWTConfig says how access tokens are signed and how long they live.
type JWTConfig struct {
	// Secret of HMAC-SHA256.
	Secret string `key:"secret" env:"JWT_SECRET" secret:"true" doc:"secret of access tokens, at least 32 bytes"`
	// Issuer and Audience that every token must name.
	Issuer   string `key:"issuer" doc:"issuer of access tokens"`
	Audience string `key:"audience" doc:"audience of access tokens"`
	// Expiry of an access token.
	Expiry time.Duration `key:"expiry_minutes" unit:"m" doc:"life of an access token"`
}

// SessionConfig bounds sessions and describes their cookie.
type SessionConfig struct {
	// Idle ends a session that nobody used.
	Idle time.Duration `key:"idle" unit:"s" doc:"a session ends when it was not used for so long"`
	// Absolute ends every session.
	Absolute time.Duration `key:"absolute" unit:"s" doc:"a session ends so long after the login"`
	// CookieSecure marks the cookie for HTTPS only.
	CookieSecure bool `key:"cookie_secure" doc:"send the session cookie over HTTPS only"`
}

// LockoutConfig slows down guessing of passwords.
type LockoutConfig struct {
	// Free attempts of one account before the delays begin.
	Free int `key:"free" doc:"failed logins of an account before delays begin"`
	// AddressFree attempts of one address before the delays begin.
	AddressFree int `key:"address_free" doc:"failed logins of an address before delays begin"`
	// Base is the first delay; it doubles up to Max.
	Base time.Duration `key:"base" unit:"s" doc:"first delay, doubled with each further failure"`
	Max  time.Duration `key:"max" unit:"s" doc:"longest delay"`
	// Forget failures so long after the first of them.
	Forget time.Duration `key:"forget" unit:"s" doc:"failures are forgotten so long after the first"`
}

// Defaults returns the section as it holds without configuration.
func Defaults() Config {
	return Config{
		Enabled:   true,
		Anonymous: AnonymousConfig{Roles: []string{"admin"}},
		JWT:       JWTConfig{Issuer: "mirador-core", Audience: "mirador-api", Expiry: 15 * time.Minute},
		Session:   SessionConfig{Idle: 24 * time.Hour, Absolute: 7 * 24 * time.Hour, CookieSecure: true},
		Lockout:   LockoutConfig{Free: 5, AddressFree: 20, Base: time.Second, Max: 5 * time.Minute, Forget: time.Hour},
		RBAC:      access.DefaultConfig(),
	}
}

// Validate names the faults that hold in every environment; ValidateFor adds
// the others.
func (c Config) Validate() error {
	var faults []error
	check := func(bad bool, text string) {
		if bad {
			faults = append(faults, errors.New(text))
		}
	}
	check(c.JWT.Issuer == "" || c.JWT.Audience == "", "jwt.issuer, jwt.audience: must be given")
	check(c.JWT.Expiry <= 0, "jwt.expiry_minutes: must be positive")
	check(c.JWT.Secret != "" && len(c.JWT.Secret) < identity.MinSecret, fmt.Sprintf("jwt.secret: must have at least %d bytes", identity.MinSecret))
	check(c.Session.Idle < time.Minute, "session.idle: must be at least 1 min")
	check(c.Session.Absolute < c.Session.Idle, "session.absolute: must not be shorter than session.idle")
	check(c.Lockout.Free < 1 || c.Lockout.AddressFree < 1, "lockout.free, lockout.address_free: must be at least 1")
	check(c.Lockout.Base <= 0 || c.Lockout.Max < c.Lockout.Base || c.Lockout.Forget < c.Lockout.Max,
		"lockout: want 0 < base <= max <= forget")
	check(!c.Enabled && c.Anonymous.Tenant == "", "anonymous.tenant: must be given while auth.enabled is off")
	for _, u := range c.Users {
		if _, err := parseHash(u.PasswordHash); err != nil {
			faults = append(faults, fmt.Errorf("users: password_hash of %q: %w", u.Name, err))
		}
	}
	return errors.Join(faults...)
}

// ValidateFor names the faults of an environment. Only development and test
// may run without authentication, without rights or with the default secret.
func (c Config) ValidateFor(environment string) error {
	if lenient(environment) {
		return nil
	}
	var faults []error
	if !c.Enabled {
		faults = append(faults, fmt.Errorf("auth.enabled: must not be off in %s", environment))
	}
	if !c.RBAC.Enabled {
		faults = append(faults, fmt.Errorf("auth.rbac.enabled: must not be off in %s", environment))
	}
	if c.JWT.Secret == "" || strings.Contains(c.JWT.Secret, identity.DevelopmentSecret) {
		faults = append(faults, fmt.Errorf("auth.jwt.secret: must be given, and not the default, in %s", environment))
	}
	if !c.Session.CookieSecure {
		faults = append(faults, fmt.Errorf("auth.session.cookie_secure: must not be off in %s", environment))
	}
	return errors.Join(faults...)
}

// Tokens returns what identity.NewTokens needs; without a secret the default
// one of development stands in, which ValidateFor refuses elsewhere.
func (c Config) Tokens() identity.TokenConfig {
	secret := c.JWT.Secret
	if secret == "" {
		secret = identity.DevelopmentSecret
	}
	return identity.TokenConfig{Secret: secret, Issuer: c.JWT.Issuer, Audience: c.JWT.Audience, Lifetime: c.JWT.Expiry}
}

// KeepRevocations is how long a revocation must be remembered: longer than
// anything lives that it could speak of.
func (c Config) KeepRevocations() time.Duration {
	return max(c.Session.Absolute, c.JWT.Expiry) + time.Hour
}

func lenient(environment string) bool { return environment == "development" || environment == "test" }
