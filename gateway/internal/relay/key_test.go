package relay

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc/metadata"
	"pgregory.net/rapid"

	"github.com/platformbuilds/mirador-core/libs/rpc"
)

func TestEveryPartOfTheKeyCounts(t *testing.T) {
	s, r := serve(t, body{data: "x", length: true, ttl: 60_000}.send), New(Options{})
	changes := map[string]func(*Key){
		"itself":            func(*Key) {},
		"tenant":            func(k *Key) { k.Tenant = "other" },
		"account":           func(k *Key) { k.Account = "2:0" },
		"scope":             func(k *Key) { k.Scope = "abc" },
		"route":             func(k *Key) { k.Route = "/api/v1/query_range" },
		"epoch":             func(k *Key) { k.Epoch = 4 },
		"value":             func(k *Key) { k.Params = []Param{{"query", "up "}, {"time", ""}} },
		"fewer":             func(k *Key) { k.Params = []Param{{"query", "up"}} },
		"border":            func(k *Key) { k.Params = []Param{{"query", "up4:time"}, {"", ""}} },
		"order of the same": func(k *Key) { k.Params = []Param{{"time", "1"}, {"time", "2"}} },
		"and its reverse":   func(k *Key) { k.Params = []Param{{"time", "2"}, {"time", "1"}} },
	}
	for name, change := range changes {
		k := testKey()
		change(&k)
		if a, _ := fetch(t, r, k, s.call); a.Cache != Miss {
			t.Errorf("%s does not count", name)
		}
	}
	k := testKey()
	k.Params[0], k.Params[1] = k.Params[1], k.Params[0]
	if a, _ := fetch(t, r, k, s.call); a.Cache != Hit {
		t.Error("the order of different parameters counts")
	}
	if k.Params[0].Name != "time" {
		t.Error("the caller's parameters were changed")
	}
}

func TestKeysAreOneToOne(t *testing.T) {
	draw := rapid.Custom(func(r *rapid.T) Key {
		part := rapid.SampledFrom([]string{"", "a", "1:a", "0:", ";", "2:ab", "0;"})
		k := Key{Tenant: part.Draw(r, "tenant"), Account: part.Draw(r, "account"), Scope: part.Draw(r, "scope"), Route: part.Draw(r, "route")}
		for range rapid.IntRange(0, 3).Draw(r, "params") {
			k.Params = append(k.Params, Param{part.Draw(r, "name"), part.Draw(r, "value")})
		}
		return k
	})
	rapid.Check(t, func(r *rapid.T) {
		a, b := draw.Draw(r, "a"), draw.Draw(r, "b")
		a.Params, b.Params = sorted(a.Params), sorted(b.Params)
		same := fmt.Sprintf("%#v", a) == fmt.Sprintf("%#v", b)
		if got := string(a.appendText(nil)) == string(b.appendText(nil)); got != same {
			r.Fatalf("same text %v for %#v and %#v", got, a, b)
		}
	})
}

func TestTenantsStayApartWhenKeysCollide(t *testing.T) {
	r := New(Options{})
	r.digest = func([]byte) string { return "same" }
	mine := serve(t, body{data: "of demo", length: true, ttl: 60_000}.send)
	theirs := serve(t, body{data: "of other", length: true, ttl: 60_000}.send)
	other := testKey()
	other.Tenant = "other"
	fetch(t, r, testKey(), mine.call)
	fetch(t, r, other, theirs.call)
	for range 2 {
		if _, text := fetch(t, r, testKey(), mine.call); !strings.Contains(text, "of demo") {
			t.Errorf("demo got %s", text)
		}
		if _, text := fetch(t, r, other, theirs.call); !strings.Contains(text, "of other") {
			t.Errorf("other got %s", text)
		}
	}
	// Even what lies at the right place under the wrong name is not believed.
	found, _ := r.local.Get("demo", "same")
	r.local.Set("other", "same", found.Value, 1, found.TTL)
	if a, text := fetch(t, r, other, theirs.call); a.Cache != Miss || !strings.Contains(text, "of other") {
		t.Errorf("other got %s %s", a.Cache, text)
	}
}

func TestQueriesStayApartWhenKeysCollide(t *testing.T) {
	r := New(Options{})
	r.digest = func([]byte) string { return "same" }
	for _, q := range []string{"a", "b", "a"} {
		k := testKey()
		k.Params = []Param{{"query", q}}
		s := serve(t, body{data: "answer of " + q, length: true, ttl: 60_000}.send)
		if a, text := fetch(t, r, k, s.call); a.Cache != Miss || !strings.Contains(text, "answer of "+q) {
			t.Errorf("%s: %s %s", q, a.Cache, text)
		}
	}
}

func TestOneTenantCannotPushOutAnother(t *testing.T) {
	r := New(Options{MaxBytes: 100 << 10})
	small := serve(t, body{data: "keep me", length: true, ttl: 60_000}.send)
	flood := serve(t, body{data: strings.Repeat("x", 10<<10), length: true, ttl: 60_000}.send)
	fetch(t, r, testKey(), small.call)
	for i := range 50 {
		k := testKey()
		k.Tenant, k.Epoch = "flood", uint64(i)
		fetch(t, r, k, flood.call)
	}
	if a, _ := fetch(t, r, testKey(), small.call); a.Cache != Hit {
		t.Error("the small tenant's answer is gone")
	}
	if got := r.local.Bytes(); got > 100<<10 {
		t.Errorf("%d bytes stored", got)
	}
}

func TestFormOfAHit(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		pieces := rapid.SliceOfN(rapid.StringMatching(`[a-z]{0,5}`), 1, 6).Draw(r, "pieces")
		whole := strings.Join(pieces, "")
		if len(whole) < 2 {
			return
		}
		start := rapid.IntRange(0, len(whole)-1).Draw(r, "start")
		end := rapid.IntRange(start+1, len(whole)).Draw(r, "end")
		l := leave{start: start, end: end, metadata: "HIT"}
		var raw [][]byte
		for _, p := range pieces {
			raw = append(raw, []byte(p))
		}
		if got, want := string(l.form(raw, len(whole))), whole[:start]+"HIT"+whole[end:]; got != want {
			r.Fatalf("got %s, want %s", got, want)
		}
	})
}

func FuzzLeave(f *testing.F) {
	f.Add("1000", "1,5", "{}")
	f.Add("99999999999999999", "", "")
	f.Fuzz(func(t *testing.T, ttl, at, hit string) {
		l := readLeave(metadata.Pairs(rpc.KeyCacheTTL, ttl, rpc.KeyMetadataAt, at, rpc.KeyHitMetadata, hit), 10)
		if l.ttl < 0 || l.start < 0 || l.end > 10 || l.start > l.end {
			t.Fatalf("%+v", l)
		}
		if got := l.form([][]byte{[]byte("01234"), []byte("56789")}, 10); len(got) != 10-(l.end-l.start)+len(l.metadata) {
			t.Fatalf("%q", got)
		}
	})
}
