package login

import (
	"bytes"
	"context"
	"crypto/rand"
	"strings"
	"testing"
)

func ended() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx, cancel
}

func TestHashPassword(t *testing.T) {
	tests := []struct {
		name, in, password string
		ok                 bool
	}{
		{"line", "s3cret\n", "s3cret", true},
		{"line of Windows", "s3cret\r\n", "s3cret", true},
		{"no end of line", "s3cret", "s3cret", true},
		{"blanks stay", " a b \n", " a b ", true},
		{"empty", "\n", "", false},
		{"nothing", "", "", false},
		{"too long", strings.Repeat("x", 1025) + "\n", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			err := HashPassword(strings.NewReader(tt.in), &out, rand.Reader)
			is(t, "accepted", err == nil, tt.ok)
			if !tt.ok {
				return
			}
			h, err := parseHash(strings.TrimSpace(out.String()))
			check(t, err)
			is(t, "matches", h.matches(tt.password), true)
			is(t, "matches another", h.matches(tt.password+"x"), false)
			is(t, "cost", h.cost, usual())
		})
	}
}

func TestSaltsDiffer(t *testing.T) {
	c := cost{64, 1, 1}
	a, errA := newHash("x", c, rand.Reader)
	b, errB := newHash("x", c, rand.Reader)
	is(t, "same", errA == nil && errB == nil && a.String() == b.String(), false)
}

func TestKnownHash(t *testing.T) {
	// Made by the reference implementation: argon2 somesalt -id -t 2 -m 16 -p 1 -l 32, password "password".
	h, err := parseHash("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	check(t, err)
	is(t, "matches", h.matches("password"), true)
}

func TestParseHashRefuses(t *testing.T) {
	const salt, key = "c29tZXNhbHQ", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	for name, text := range map[string]string{
		"nothing":         "",
		"plain password":  "secret",
		"bcrypt":          "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		"other variant":   "$argon2i$v=19$m=65536,t=2,p=1$" + salt + "$" + key,
		"other version":   "$argon2id$v=16$m=65536,t=2,p=1$" + salt + "$" + key,
		"gigabytes":       "$argon2id$v=19$m=4194304,t=2,p=1$" + salt + "$" + key,
		"minutes":         "$argon2id$v=19$m=65536,t=9999,p=1$" + salt + "$" + key,
		"no passes":       "$argon2id$v=19$m=65536,t=0,p=1$" + salt + "$" + key,
		"no lanes":        "$argon2id$v=19$m=65536,t=2,p=0$" + salt + "$" + key,
		"order":           "$argon2id$v=19$t=2,m=65536,p=1$" + salt + "$" + key,
		"no salt":         "$argon2id$v=19$m=65536,t=2,p=1$$" + key,
		"short key":       "$argon2id$v=19$m=65536,t=2,p=1$" + salt + "$AAAA",
		"not base64":      "$argon2id$v=19$m=65536,t=2,p=1$" + salt + "$" + key + "=",
		"something after": "$argon2id$v=19$m=65536,t=2,p=1$" + salt + "$" + key + "$x",
	} {
		t.Run(name, func(t *testing.T) {
			if h, err := parseHash(text); err == nil {
				t.Errorf("taken as %+v", h.cost)
			}
		})
	}
}

// FuzzParseHash proves that what is taken is bounded and prints as it was.
func FuzzParseHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$argon2id$v=19$m=+8,t=02,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := parseHash(text)
		if err != nil {
			return
		}
		if !h.bound() {
			t.Errorf("%q costs %+v", text, h.cost)
		}
		if h.String() != text {
			t.Errorf("%q prints as %q", text, h.String())
		}
	})
}
