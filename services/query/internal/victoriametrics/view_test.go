package victoriametrics

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/platformbuilds/mirador-core/libs/identity"
)

func TestRememberedViewsStayApart(t *testing.T) {
	c := New(nil, Options{Mode: Auto})
	ids := []*identity.Identity{
		{Tenant: "a", Account: 1},
		{Tenant: "b", Account: 1},
		{Tenant: "a", Account: 1, Project: 2},
		{Tenant: "a", Account: 12},
		{Tenant: "a", Account: 1, Scope: `team="x"`},
		{Tenant: "a", Account: 1, Scope: `team="y"`},
	}
	for range 2 {
		for _, id := range ids {
			held, err := c.held(id)
			fresh, freshErr := c.view(id)
			if err != nil || freshErr != nil || len(held) != 2 || held[Single] != fresh[Single] || held[Cluster] != fresh[Cluster] {
				t.Errorf("%+v: got %v, %v, want %v, %v", id, held, err, fresh, freshErr)
			}
		}
	}
	broken := &identity.Identity{Tenant: "a", Account: 1, Scope: `team=`}
	for range 2 {
		if _, err := c.held(broken); err == nil {
			t.Error("a scope that cannot be enforced was remembered as none")
		}
	}
}

func TestLongIsTheEncodedLength(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := url.Values{
			"query":   {strings.Repeat(rapid.SampledFrom([]string{"a", "%", "ä", " "}).Draw(t, "sign"), rapid.IntRange(0, longForm).Draw(t, "length"))},
			"match[]": rapid.SliceOfN(rapid.String(), 0, 5).Draw(t, "match"),
		}
		if got := long(v); got != (len(v.Encode()) > longForm) {
			t.Fatalf("long says %v of %d bytes", got, len(v.Encode()))
		}
	})
}
