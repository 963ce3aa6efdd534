package scope

import (
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestScope(t *testing.T) {
	for text, want := range map[string]string{
		``:                                "cart checkout payment ",
		`service="cart"`:                  "cart",
		`service='cart',`:                 "cart",
		"service=`cart`":                  "cart",
		`service!="cart"`:                 "checkout payment ",
		`service=~"c.*"`:                  "cart checkout",
		`service=~"c"`:                    "",
		`service!~"c.*"`:                  "payment ",
		`service=~"c.*",service!="cart"`:  "checkout",
		` service = "cart" or service=""`: "cart ",
		`service="cart" or service="c\u0068eckout"`: "cart checkout",
		`service=~"cart|pay.*"`:                     "cart payment",
	} {
		s, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var got []string
		for _, service := range []string{"cart", "checkout", "payment", ""} {
			if s.Allows(service) {
				got = append(got, service)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s allows %q, want %q", text, strings.Join(got, " "), want)
		}
		if (s.Keep() == nil) != (text == "") {
			t.Errorf("%s: Keep is wrong", text)
		}
	}
}

func TestScopeThatCannotBeEnforced(t *testing.T) {
	for _, text := range []string{
		`env="prod"`, `service="a",env="b"`, `service="a" or env="b"`, `services="a"`, `service`, `service=a`, `service="a`,
		`service="a" service="b"`, `{service="a"}`, `service=~"("`, `service=~"a)|(b"`, `,`, ` `, `service="a",,`, `"service"="a"`, `service="a\"`,
		`service="a" or`, `or service="a"`, `service=="a"`, strings.Repeat(" ", maxText) + `service="a"`,
	} {
		_, err := Parse(text)
		if f := fault.From(err); f == nil || f.Code != fault.CodeAccessDenied {
			t.Errorf("%.40q: got %v", text, err)
		}
	}
}

func FuzzScope(f *testing.F) {
	f.Add(`service=~"c.*",service!="cart" or service='x'`, "cart")
	f.Add("service=`a\\`", "a")
	f.Fuzz(func(t *testing.T, text, service string) {
		s, err := Parse(text)
		if err != nil && fault.From(err).Code != fault.CodeAccessDenied {
			t.Errorf("%q: %v", text, err)
		}
		if err == nil && s.All() != (text == "") {
			t.Errorf("%q lets everything through", text)
		}
		s.Allows(service)
	})
}

func FuzzExactValue(f *testing.F) {
	f.Add("cart", "shop")
	f.Add("a\"b\\", "a")
	f.Fuzz(func(t *testing.T, allowed, other string) {
		quotedValue := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(allowed)
		s, err := Parse(`service="` + quotedValue + `"`)
		if err != nil {
			return
		}
		if strings.ToValidUTF8(allowed, "") == allowed && !s.Allows(allowed) || other != allowed && strings.ToValidUTF8(allowed, "") == allowed && s.Allows(other) {
			t.Errorf("%q allows %q", allowed, other)
		}
	})
}
