package execution

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/services/query/internal/definitions"
	"github.com/platformbuilds/mirador-core/services/query/internal/splice"
)

func TestTextsAreReadOncePerTenant(t *testing.T) {
	texts := newTexts(time.Now)
	first, err := texts.read("demo", "rate(up[5m] offset -1h) # note")
	if err != nil || first.canonical != "rate(up[5m] offset -1h)" || !first.moving {
		t.Fatalf("got %+v, %v", first, err)
	}
	if again, _ := texts.read("demo", "rate(up[5m] offset -1h) # note"); again != first {
		t.Error("the same text was read again")
	}
	if other, _ := texts.read("other", "rate(up[5m] offset -1h) # note"); other == first {
		t.Error("tenants share what was read")
	}
	for range 2 {
		if _, err := texts.read("demo", "up{"); err == nil {
			t.Error("a faulty text passes")
		}
	}
}

func TestTextsAreBounded(t *testing.T) {
	texts := newTexts(time.Now)
	long := strings.Repeat("a", 16<<10)
	for i := range 100 {
		if _, err := texts.read("demo", fmt.Sprint(long, i)); err != nil {
			t.Fatal(err)
		}
	}
	if got := texts.known.Bytes(); got > textBytes/4 {
		t.Errorf("one tenant holds %d bytes", got)
	}
}

func TestSubjectTellsEverythingApart(t *testing.T) {
	options := func(o definitions.Options) Definitions { return Definitions{Options: o} }
	seen := map[string]bool{}
	for _, s := range []string{
		subject("up", Definitions{}, nil),
		subject("down", Definitions{}, nil),
		subject("up", options(definitions.Options{Minimal: true}), nil),
		subject("up", options(definitions.Options{LabelKeys: []string{"a", "b"}}), nil),
		subject("up", options(definitions.Options{LabelKeys: []string{"a1:b"}}), nil),
		subject("up", Definitions{}, []splice.Metric{{Name: "up"}}),
		subject("up", Definitions{}, []splice.Metric{{Name: "up", Labels: []string{"a", "b"}}}),
		subject("up", Definitions{}, []splice.Metric{{Name: "up", Labels: []string{"ab"}}}),
		subject("up", Definitions{}, []splice.Metric{{Name: "up"}, {Name: "a", Labels: []string{"b"}}}),
	} {
		if seen[s] {
			t.Errorf("%q stands for two subjects", s)
		}
		seen[s] = true
	}
}
