package shopmetrics

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const step = 15 * time.Second

// samples of a series by time, in step order.
type samples map[string][]float64

func record(seed uint64, hours int) (samples, *shop.Shop) {
	now := time.Date(2026, 3, 6, 15, 0, 0, 0, time.UTC)
	story := shop.New(seed, now.Add(-time.Duration(hours)*time.Hour), now)
	r, all, steps := NewRecorder(story, step), samples{}, 0
	for at := story.Start; at.Before(now); at = at.Add(step) {
		r.Record(at, func(name, labels string, value float64) {
			key := name + "{" + labels + "}"
			for len(all[key]) < steps {
				all[key] = append(all[key], -1) // was away
			}
			all[key] = append(all[key], value)
		})
		steps++
	}
	return all, story
}

func TestRecorderIsDeterministic(t *testing.T) {
	for seed := range uint64(6) {
		a, _ := record(seed, 1)
		b, _ := record(seed, 1)
		if !reflect.DeepEqual(a, b) {
			t.Errorf("seed %d gives two sets of samples", seed)
		}
	}
	a, _ := record(1, 1)
	b, _ := record(2, 1)
	if reflect.DeepEqual(a, b) {
		t.Error("two seeds give the same samples")
	}
}

func TestCountersFallOnlyWhenTheirProcessIsNew(t *testing.T) {
	for seed := uint64(1); seed <= 6; seed++ {
		all, story := record(seed, 6)
		begun := starts(all)
		for key, values := range all {
			if !strings.Contains(key, "_total{") && !strings.Contains(key, "_bucket{") && !strings.Contains(key, "_count{") {
				continue
			}
			instance := labelOf(key, "instance")
			for i := 1; i < len(values); i++ {
				if values[i] < values[i-1] && values[i] >= 0 && begun[instance][i] == begun[instance][i-1] {
					t.Fatalf("seed %d: %s falls from %v to %v without a restart (%v)", seed, key, values[i-1], values[i], story.Incidents)
				}
			}
		}
	}
}

// starts is the start time of each instance's process by step.
func starts(all samples) map[string][]float64 {
	found := map[string][]float64{}
	for key, values := range all {
		if strings.HasPrefix(key, startTime+"{") {
			found[labelOf(key, "instance")] = values
		}
	}
	return found
}

func labelOf(key, label string) string {
	_, rest, _ := strings.Cut(key, label+`="`)
	text, _, _ := strings.Cut(rest, `"`)
	return text
}

func TestHistogramIsCumulative(t *testing.T) {
	all, _ := record(1, 1)
	infinite := 0
	for key, values := range all {
		if !strings.Contains(key, `le="+Inf"`) {
			continue
		}
		infinite++
		last, base := len(values)-1, strings.TrimSuffix(key, `,le="+Inf"}`)
		below := 0.0
		for _, bound := range bounds() {
			got := all[fmt.Sprintf(`%s,le="%g"}`, base, bound)][last]
			if got < below {
				t.Errorf("%s: bucket %g holds %v, the one below it %v", base, bound, got, below)
			}
			below = got
		}
		count := all[strings.Replace(base, "_bucket", "_count", 1)+"}"][last]
		if values[last] != count || below > count {
			t.Errorf("%s: +Inf %v, count %v, largest bucket %v", base, values[last], count, below)
		}
	}
	if infinite == 0 {
		t.Error("no histogram found")
	}
}

func TestEveryFamilyIsWritten(t *testing.T) {
	all, _ := record(1, 1)
	for _, family := range Families() {
		found := false
		for key := range all {
			name, _, _ := strings.Cut(key, "{")
			found = found || name == family.Name || name == family.Name+"_bucket"
		}
		if !found {
			t.Errorf("no sample of %s", family.Name)
		}
	}
	if len(all) < 200 || len(all) > 600 {
		t.Errorf("%d series of a tenant, want some hundreds", len(all))
	}
}

func TestPagesDifferByMarkerOnly(t *testing.T) {
	at := time.Date(2026, 3, 6, 15, 0, 0, 0, time.UTC)
	render := func(tenant Tenant) string {
		page := NewPage(tenant)
		page.Metadata()
		page.Add("up", `service="cart"`, 1, at)
		page.Mark(at)
		return string(page.Text())
	}
	demo, other := render(Mark("demo")), render(Mark("other"))
	if strings.ReplaceAll(demo, "demo", "other") != other {
		t.Errorf("pages differ in more than the marker:\n%s\n%s", demo, other)
	}
	for _, want := range []string{
		`up{service="cart",marker="demo-marker"} 1 1772809200000`,
		`demo_marker_info{demo_marker="demo-marker",service="probe-demo-marker",marker="demo-marker"} 1 1772809200000`,
		`[demo-marker]`, "# TYPE http_requests_total counter",
	} {
		if !strings.Contains(demo, want) {
			t.Errorf("page lacks %s:\n%s", want, demo)
		}
	}
}

func TestPageIsEmptyAfterReset(t *testing.T) {
	page := NewPage(Mark("demo"))
	page.Metadata()
	page.Reset()
	if !bytes.Equal(page.Text(), nil) {
		t.Errorf("page holds %q", page.Text())
	}
}
