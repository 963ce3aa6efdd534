package definitions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shelf is a Source that counts.
type shelf struct {
	known   map[string]Known
	epoch   uint64
	err     error
	lookups [][]string
}

func (s *shelf) Lookup(_ context.Context, metrics []string, minEpoch uint64) (Found, error) {
	s.lookups = append(s.lookups, metrics)
	return Found{Epoch: max(s.epoch, minEpoch), Metrics: s.known}, s.err
}

// behind has not seen the newest definitions.
type behind struct{}

func (behind) Lookup(_ context.Context, _ []string, minEpoch uint64) (Found, error) {
	return Found{Epoch: minEpoch - 1}, nil
}

func fixed() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 500, time.UTC) }

func newShelf() *shelf {
	return &shelf{known: map[string]Known{"up": {
		Metric: &Metric{Tenant: "demo", Name: "up", Description: `whether "it" answers`, Owner: "sre",
			Tags: []string{"a", "b"}, Updated: fixed()},
		Labels: []Label{{Tenant: "demo", Metric: "up", Name: "job", Type: "string", Required: true,
			Description: "the job", Allowed: []byte(`{"values":["a"]}`)}},
	}}}
}

func book(s Source) *Book { return NewBook(s, time.Second, time.Minute, fixed) }

const (
	upJSON = `{"tenantId":"demo","metric":"up","description":"whether \"it\" answers","owner":"sre",` +
		`"tags":["a","b"],"updatedAt":"2026-11-22T12:00:00.0000005Z"}`
	jobJSON = `{"tenantId":"demo","metric":"up","label":"job","type":"string","required":true,` +
		`"allowedValues":{"values":["a"]},"description":"the job"}`
)

func noLabel(metric, label string) string {
	return fmt.Sprintf(`{"definition":"No definition for label %s of metric %s yet. Add it with POST /api/v1/schema/metrics."}`, label, metric)
}

func TestJSON(t *testing.T) {
	wanted := Wanted{Metrics: []string{"up", "down"}, Labels: map[string][]string{"up": {"instance"}}, Shared: []string{"job"}}
	none := `{"definition":"No definition for metric down yet. Add it with POST /api/v1/schema/metrics."}`
	metrics := `{"metrics":{"down":` + none + `,"up":` + upJSON + `}`
	tests := []struct {
		name string
		o    Options
		want string
	}{
		{"full", Options{}, metrics + `,"labels":{"down":{"job":` + noLabel("down", "job") + `},"up":{"instance":` +
			noLabel("up", "instance") + `,"job":` + jobJSON + `}}}`},
		{"minimal", Options{Minimal: true}, metrics + `}`},
		{"label keys", Options{LabelKeys: []string{"zone", "job", "zone"}}, metrics + `,"labels":{"down":{"job":` +
			noLabel("down", "job") + `,"zone":` + noLabel("down", "zone") + `},"up":{"job":` + jobJSON + `,"zone":` +
			noLabel("up", "zone") + `}}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, warning := book(newShelf()).JSON(t.Context(), "demo", 0, wanted, tt.o)
			if string(got) != tt.want || warning != "" {
				t.Errorf("got  %s\nwant %s\nwarning %q", got, tt.want, warning)
			}
			if !json.Valid(got) {
				t.Error("not JSON")
			}
		})
	}
}

func TestJSONOfNoMetric(t *testing.T) {
	s := newShelf()
	got, _ := book(s).JSON(t.Context(), "demo", 0, Wanted{}, Options{})
	if string(got) != `{"metrics":{},"labels":{}}` || len(s.lookups) != 0 {
		t.Errorf("got %s after %d lookups", got, len(s.lookups))
	}
}

func TestOneLookupPerAnswerAndEpoch(t *testing.T) {
	s := newShelf()
	b := book(s)
	ask := func(tenant string, epoch uint64, metrics ...string) {
		b.JSON(t.Context(), tenant, epoch, Wanted{Metrics: metrics}, Options{})
	}
	ask("demo", 1, "up", "down")
	ask("demo", 1, "up", "down")
	ask("demo", 1, "up", "other")
	ask("demo", 2, "up")
	ask("other", 1, "up")
	want := [][]string{{"down", "up"}, {"other"}, {"up"}, {"up"}}
	if !reflect.DeepEqual(s.lookups, want) {
		t.Errorf("got lookups %v, want %v", s.lookups, want)
	}
}

func TestWrittenOncePerSubjectEpochAndTenant(t *testing.T) {
	s, now := newShelf(), fixed()
	b := NewBook(s, time.Second, 30*time.Second, func() time.Time { return now })
	written := 0
	ask := func(tenant string, epoch uint64, subject string) string {
		got, warning := b.JSONOf(t.Context(), tenant, epoch, subject, func() Wanted {
			written++
			return Wanted{Metrics: []string{subject}}
		}, Options{})
		if warning != "" || !json.Valid(got) {
			t.Fatalf("got %s, %q", got, warning)
		}
		return string(got)
	}
	first := ask("demo", 1, "up")
	if again := ask("demo", 1, "up"); again != first || written != 1 {
		t.Errorf("written %d times: %s, then %s", written, first, again)
	}
	if ask("demo", 1, "down") == first || written != 2 {
		t.Error("another subject got the same JSON")
	}
	ask("other", 1, "up")
	ask("demo", 2, "up")
	if written != 4 {
		t.Errorf("written %d times, want once for each tenant and epoch", written)
	}
	// What is written holds no longer than what it was written from.
	now = now.Add(20 * time.Second)
	b.JSONOf(t.Context(), "demo", 2, "late", func() Wanted { written++; return Wanted{Metrics: []string{"up"}} }, Options{})
	now = now.Add(11 * time.Second)
	b.JSONOf(t.Context(), "demo", 2, "late", func() Wanted { written++; return Wanted{Metrics: []string{"up"}} }, Options{})
	if written != 6 {
		t.Errorf("written %d times, want anew after what is known is old", written)
	}
}

func TestWhatIsNotWholeIsNotRemembered(t *testing.T) {
	for name, s := range map[string]Source{"away": &shelf{err: errors.New("connection refused")}, "behind": behind{}} {
		b, written := book(s), 0
		for range 2 {
			b.JSONOf(t.Context(), "demo", 2, "up", func() Wanted { written++; return Wanted{Metrics: []string{"up"}} }, Options{})
		}
		if written != 2 {
			t.Errorf("%s: remembered", name)
		}
	}
}

func TestMemoryAges(t *testing.T) {
	s, now := newShelf(), fixed()
	b := NewBook(s, time.Second, 30*time.Second, func() time.Time { return now })
	for _, step := range []time.Duration{0, 30 * time.Second, time.Second} {
		now = now.Add(step)
		b.JSON(t.Context(), "demo", 0, Wanted{Metrics: []string{"up"}}, Options{})
	}
	if len(s.lookups) != 2 {
		t.Errorf("got %d lookups, want a second one after the age", len(s.lookups))
	}
}

func TestMemoryIsBounded(t *testing.T) {
	m := newMemory(time.Minute, fixed)
	for i := range maxRemembered + 500 {
		m.put("demo", 1, []string{fmt.Sprint(i)}, nil)
	}
	if len(m.entries) > maxRemembered {
		t.Errorf("%d entries are remembered", len(m.entries))
	}
}

func TestAnswersWithoutDefinitions(t *testing.T) {
	for name, tt := range map[string]struct {
		source Source
		want   string
	}{
		"off":    {nil, WarnAway},
		"away":   {&shelf{err: errors.New("connection refused")}, WarnAway},
		"denied": {&shelf{err: fault.New(fault.CodeAccessDenied, "denied")}, WarnDenied},
	} {
		t.Run(name, func(t *testing.T) {
			got, warning := book(tt.source).JSON(t.Context(), "demo", 0, Wanted{Metrics: []string{"up"}}, Options{})
			if got != nil || warning != tt.want {
				t.Errorf("got %s, %q", got, warning)
			}
		})
	}
}

func TestTooManyMetrics(t *testing.T) {
	s := newShelf()
	w := Wanted{}
	for i := range MaxMetrics + 1 {
		w.Add(fmt.Sprint(i), nil)
	}
	if _, warning := book(s).JSON(t.Context(), "demo", 0, w, Options{}); warning != WarnMany {
		t.Errorf("got warning %q", warning)
	}
	if len(s.lookups) != 1 || len(s.lookups[0]) != MaxMetrics {
		t.Errorf("got lookups of %d", len(s.lookups))
	}
}

func TestAppendTextIsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		var got string
		if err := json.Unmarshal(appendText(nil, s), &got); err != nil || got != s {
			t.Fatalf("%q became %q: %v", s, got, err)
		}
	})
	var got string
	if err := json.Unmarshal(appendText(nil, "a\xffb"), &got); err != nil || !strings.Contains(got, "�") {
		t.Errorf("invalid UTF-8 became %q: %v", got, err)
	}
}
