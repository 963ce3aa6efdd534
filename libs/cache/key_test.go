package cache

import (
	"strings"
	"testing"
)

func TestKey(t *testing.T) {
	tests := []struct {
		name string
		got  string
		want string
	}{
		{"plain", Key("rate_limit", "acme", "29384"), "rate_limit:acme:29384"},
		{"separator in a part", Key("q", "a:b"), "q:a%3Ab"},
		{"escape in a part", Key("q", "a%3Ab"), "q:a%253Ab"},
		{"hash tag", Key("q", "{x}"), "q:%7Bx%7D"},
		{"no part", Key("q"), "q"},
		{"empty part", Key("q", ""), "q:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.got != tt.want {
				t.Errorf("got %q, want %q", tt.got, tt.want)
			}
		})
	}
}

// FuzzKeyIsInjective proves that two different lists of parts never share a
// key, so that no tenant reaches into another's keys by its name.
func FuzzKeyIsInjective(f *testing.F) {
	f.Add("k", "a", "b", "k", "a:b", "")
	f.Add("k", "a%", "3Ab", "k", "a%3Ab", "")
	f.Add("k:", "a", "", "k", ":a", "")
	f.Fuzz(func(t *testing.T, kind1, a1, b1, kind2, a2, b2 string) {
		same := kind1 == kind2 && a1 == a2 && b1 == b2
		if (Key(kind1, a1, b1) == Key(kind2, a2, b2)) != same {
			t.Errorf("%q and %q", Key(kind1, a1, b1), Key(kind2, a2, b2))
		}
		if (Hashed(kind1, a1, b1) == Hashed(kind2, a2, b2)) != same {
			t.Errorf("hashed keys of %q, %q, %q and %q, %q, %q", kind1, a1, b1, kind2, a2, b2)
		}
		if Key(kind1, a1) == Key(kind1, a1, b1) || Key(kind1) == Key(kind1, a1) {
			t.Errorf("lists of different length share a key: %q, %q, %q", kind1, a1, b1)
		}
		if strings.ContainsAny(Key(kind1, a1, b1), "{} \r\n*?[") {
			t.Errorf("unsafe character in %q", Key(kind1, a1, b1))
		}
	})
}
