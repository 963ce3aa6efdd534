package events_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/platformbuilds/mirador-core/libs/events"
)

func TestEncode(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "acme-corp_1", "acme-corp_1"},
		{"empty", "", "="},
		{"dot", "a.b", "a=2Eb"},
		{"wildcards", "*>", "=2A=3E"},
		{"space", "a b", "a=20b"},
		{"escape sign", "a=2Eb", "a=3D2Eb"},
		{"unicode", "é", "=C3=A9"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := events.Encode(tt.in)
			if err != nil || got != tt.want {
				t.Errorf("Encode(%q) = %q, %v; want %q", tt.in, got, err, tt.want)
			}
		})
	}
	if _, err := events.Encode(strings.Repeat("x", 1025)); err == nil {
		t.Error("an overlong text is encoded")
	}
}

func TestDecodeIsStrict(t *testing.T) {
	for _, token := range []string{"", "a.b", "a b", "=2", "==", "=2e", "=61", "=GG", "*", ">", "a="} {
		if text, err := events.Decode(token); err == nil {
			t.Errorf("Decode(%q) = %q, want an error", token, text)
		}
	}
}

func TestSubjectRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := events.Subject{
			Tenant: rapid.StringN(1, 40, -1).Draw(t, "tenant"),
			Kind:   rapid.SampledFrom([]events.Kind{events.Metrics, events.Alerts, events.ConfigChanges}).Draw(t, "kind"),
			Key:    rapid.StringN(0, 200, 1024).Draw(t, "key"),
		}
		subject, err := in.Encode()
		if err != nil {
			t.Fatalf("encode %+v: %v", in, err)
		}
		if strings.Count(subject, ".") != 4 || strings.ContainsAny(subject, "*> ") {
			t.Fatalf("subject %q has a part that breaks it", subject)
		}
		out, err := events.DecodeSubject(subject)
		if err != nil || out != in {
			t.Fatalf("decoded %+v, %v; want %+v", out, err, in)
		}
	})
}

func TestEncodeIsInjective(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gen := rapid.StringOfN(rapid.SampledFrom([]rune("a=2E.* ")), 0, 6, -1)
		a, b := gen.Draw(t, "a"), gen.Draw(t, "b")
		x, _ := events.Encode(a)
		y, _ := events.Encode(b)
		if (a == b) != (x == y) {
			t.Fatalf("%q -> %q, %q -> %q", a, x, b, y)
		}
	})
}

func TestSubjectRefuses(t *testing.T) {
	for _, s := range []events.Subject{
		{Tenant: "", Kind: events.Alerts, Key: "k"},
		{Tenant: "a", Kind: "gossip", Key: "k"},
		{Tenant: strings.Repeat("a", 1025), Kind: events.Alerts},
		{Tenant: "a", Kind: events.Alerts, Key: strings.Repeat("k", 1025)},
	} {
		if subject, err := s.Encode(); err == nil {
			t.Errorf("%+v became %q", s, subject)
		}
	}
	for _, s := range []string{"mirador.v1.a.alerts", "mirador.v2.a.alerts.k", "mirador.v1.=.alerts.k",
		"mirador.v1.a.gossip.k", "mirador.v1.a.alerts.k.x", "mirador.v1.a.alerts.", "mirador.v1..alerts.k"} {
		if got, err := events.DecodeSubject(s); err == nil {
			t.Errorf("DecodeSubject(%q) = %+v", s, got)
		}
	}
}

func TestFilter(t *testing.T) {
	tests := []struct {
		filter events.Filter
		want   string
	}{
		{events.Filter{}, "mirador.v1.*.*.*"},
		{events.Filter{Tenant: "a.b"}, "mirador.v1.a=2Eb.*.*"},
		{events.Filter{Tenant: "a", Kind: events.Alerts, Key: "*"}, "mirador.v1.a.alerts.=2A"},
	}
	for _, tt := range tests {
		if got, err := tt.filter.Encode(); err != nil || got != tt.want {
			t.Errorf("%+v = %q, %v; want %q", tt.filter, got, err, tt.want)
		}
	}
	if _, err := (events.Filter{Kind: "*"}).Encode(); err == nil {
		t.Error("a wildcard passes as a kind")
	}
	if _, err := (events.Filter{Tenant: strings.Repeat("a", 1025)}).Encode(); err == nil {
		t.Error("an overlong tenant passes")
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"acme", "=", "a=2Eb", "=2e", "=61"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, token string) {
		text, err := events.Decode(token)
		if err != nil {
			return
		}
		if again, err := events.Encode(text); err != nil || again != token {
			t.Errorf("%q reads as %q, which is written %q, %v", token, text, again, err)
		}
	})
}

func FuzzDecodeSubject(f *testing.F) {
	f.Add("mirador.v1.acme.alerts.k=2E1")
	f.Add("mirador.v1.=.alerts.k")
	f.Fuzz(func(t *testing.T, subject string) {
		s, err := events.DecodeSubject(subject)
		if err != nil {
			return
		}
		if again, err := s.Encode(); err != nil || again != subject {
			t.Errorf("%q reads as %+v, which is written %q, %v", subject, s, again, err)
		}
	})
}
