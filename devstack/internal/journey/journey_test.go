package journey

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func now() time.Time { return time.Date(2026, 3, 6, 15, 0, 0, 0, time.UTC) }

func demo() Audience { return For("demo", "demo-marker") }

func tell(seed uint64) *shop.Shop { return shop.New(seed, now().Add(-6*time.Hour), now()) }

// all copies the journeys of the slots that a window needs.
func all(t *Traffic, from, to time.Time) []Journey {
	var found []Journey
	t.Slots(from, to, func(v *View) {
		v.Journeys(func(j *Journey) {
			one := *j
			one.Calls = slices.Clone(j.Calls)
			found = append(found, one)
		})
	})
	return found
}

// draw picks a story and ten minutes of it, half of the time in its incident.
func draw(t *rapid.T) (*shop.Shop, time.Time) {
	story := tell(rapid.Uint64Range(0, 600).Draw(t, "seed"))
	at := story.Start.Add(time.Duration(rapid.IntRange(0, 5*3600).Draw(t, "second")) * time.Second)
	if len(story.Incidents) > 0 && rapid.Bool().Draw(t, "incident") {
		at = story.Incidents[0].Start.Add(story.Incidents[0].Ramp)
	}
	return story, at
}

func TestJourneysAreAPureFunctionOfStoryTenantAndTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		story, at := draw(t)
		whole := all(New(story, demo()), at, at.Add(2*time.Minute))
		later := all(New(story, demo()), at.Add(time.Minute), at.Add(2*time.Minute))
		if len(later) == 0 || !reflect.DeepEqual(whole[len(whole)-len(later):], later) {
			t.Fatal("the same minutes tell two stories")
		}
	})
}

func TestEveryJourneyIsATreeWhoseCallersWait(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		story, at := draw(t)
		for _, j := range all(New(story, demo()), at, at.Add(2*time.Minute)) {
			for n, c := range j.Calls {
				if (c.Parent < 0) != (n == 0) || c.Parent >= n {
					t.Fatalf("call %d of %d has the parent %d", n, len(j.Calls), c.Parent)
				}
				if c.Start.Before(c.Sent) || c.End.Before(c.Start) || !c.Queued && c.Received.Before(c.End) {
					t.Fatalf("%s: sent %v, start %v, end %v, received %v", c.Service.Name, c.Sent, c.Start, c.End, c.Received)
				}
				if n > 0 && (c.Sent.Before(j.Calls[c.Parent].Start) || c.Received.After(j.Calls[c.Parent].End)) {
					t.Fatalf("%s does not wait for %s", j.Calls[c.Parent].Service.Name, c.Service.Name)
				}
				if c.End.Sub(j.Calls[0].Start) > Longest-Slot {
					t.Fatalf("%s ends %v after the journey's start", c.Service.Name, c.End.Sub(j.Calls[0].Start))
				}
				if n > 0 && !c.Queued && c.Failed() && !j.Calls[c.Parent].Failed() {
					t.Fatalf("%s does not notice the failure of %s", j.Calls[c.Parent].Service.Name, c.Service.Name)
				}
			}
		}
	})
}

func TestNoTwoJourneysShareAnID(t *testing.T) {
	story, seen := tell(1), map[[16]byte]string{}
	for _, audience := range []Audience{demo(), For("other", "other-marker")} {
		for _, j := range all(New(story, audience), now().Add(-time.Hour), now()) {
			if seen[j.Trace] != "" {
				t.Fatalf("trace %s is told to %s and %s", j.TraceID(), seen[j.Trace], audience.Tenant)
			}
			seen[j.Trace] = audience.Tenant
			spans := map[[8]byte]bool{}
			for n := range j.Calls {
				spans[j.SpanID(n)], spans[j.ClientID(n)] = true, true
			}
			if len(spans) != 2*len(j.Calls) {
				t.Fatalf("trace %s: %d ids for %d calls", j.TraceID(), len(spans), len(j.Calls))
			}
		}
	}
}

func TestEveryServiceIsCalled(t *testing.T) {
	story, seen := tell(0), map[string]int{}
	for _, j := range all(New(story, demo()), now().Add(-time.Hour), now()) {
		for _, c := range j.Calls {
			seen[c.Service.Name]++
		}
	}
	for _, service := range story.Services() {
		if seen[service.Name] == 0 {
			t.Errorf("%s is called by no journey of an hour", service.Name)
		}
	}
	if seen["probe-demo-marker"] == 0 {
		t.Error("the probe is not there")
	}
}

// struck is the share of failures blamed on the struck service and the mean
// time of its calls.
func struck(t *Traffic, service string, from, to time.Time) (failed, seconds float64) {
	calls := 0.
	for _, j := range all(t, from, to) {
		for _, c := range j.Calls {
			if c.Service.Name != service {
				continue
			}
			calls++
			seconds += c.Took().Seconds()
			if c.Queued {
				seconds += c.Start.Sub(c.Received).Seconds()
			}
			if c.Blame == service {
				failed++
			}
		}
	}
	return failed / calls, seconds / calls
}

func TestIncidentShowsInTheStruckService(t *testing.T) {
	for seed := uint64(1); seed <= 17; seed++ {
		story := tell(seed)
		if len(story.Incidents) == 0 {
			continue
		}
		i := story.Incidents[0]
		late := i.Start.Add(i.End.Sub(i.Start) * 9 / 10)
		traffic := New(story, demo())
		badErrors, badTime := struck(traffic, i.Service, late, i.End)
		errors, time := struck(traffic, i.Service, i.Start.Add(-20*time.Minute), i.Start)
		if i.Kind == shop.BadDeploy && badErrors < .15+errors || i.Kind != shop.BadDeploy && badTime < 2*time {
			t.Errorf("seed %d, %v: errors %.3f (usual %.3f), time %.3f s (usual %.3f s)", seed, i, badErrors, errors, badTime, time)
		}
	}
}

func TestFreshIncidentLeavesThePastAlone(t *testing.T) {
	story := tell(0)
	at := now().Add(-time.Hour + 3*time.Second)
	changed := story.With(shop.Fresh(1, at))
	before, after := all(New(story, demo()), at.Add(-10*time.Minute), at), all(New(changed, demo()), at.Add(-10*time.Minute), at)
	if !reflect.DeepEqual(before, after) {
		t.Error("an incident changes journeys that began before it")
	}
}
