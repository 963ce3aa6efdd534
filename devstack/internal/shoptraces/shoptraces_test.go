package shoptraces

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/platformbuilds/mirador-core/devstack/internal/journey"
	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
	"github.com/platformbuilds/mirador-core/devstack/internal/shoplogs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func now() time.Time { return time.Date(2026, 3, 6, 15, 0, 0, 0, time.UTC) }

func tell(seed uint64) *shop.Shop { return shop.New(seed, now().Add(-6*time.Hour), now()) }

func traffic(seed uint64, tenant string) *journey.Traffic {
	return journey.New(tell(seed), journey.For(tenant, tenant+"-marker"))
}

// seen is a span that outlives its visit.
type seen struct {
	Span
	resource, attributes []Field
}

func spans(t *journey.Traffic, from, to time.Time) []seen {
	var all []seen
	Spans(t, from, to, func(s *Span) { all = append(all, seen{*s, s.Resource(nil), s.Attributes(nil)}) })
	for i := range all {
		all[i].view, all[i].call = nil, nil
	}
	return all
}

func window(t *rapid.T) (story *journey.Traffic, from, to time.Time) {
	seed := rapid.Uint64Range(0, 600).Draw(t, "seed")
	from = now().Add(-6 * time.Hour).Add(time.Duration(rapid.Int64Range(0, int64(5*time.Hour)).Draw(t, "from")))
	if told := tell(seed).Incidents; len(told) > 0 && rapid.Bool().Draw(t, "incident") {
		from = told[0].End.Add(-time.Minute)
	}
	return traffic(seed, rapid.SampledFrom([]string{"demo", "other"}).Draw(t, "tenant")), from,
		from.Add(time.Duration(rapid.Int64Range(1, int64(4*time.Minute)).Draw(t, "length")))
}

func TestWindowsJoinWithoutLossOrDoubles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		story, from, to := window(t)
		cut := from.Add(time.Duration(rapid.Int64Range(0, int64(to.Sub(from))).Draw(t, "cut")))
		parts := map[[8]byte]seen{}
		for _, s := range append(spans(story, from, cut), spans(story, cut, to)...) {
			if _, twice := parts[s.ID]; twice {
				t.Fatalf("span %s of %s in both parts", s.Name, s.Service.Name)
			}
			parts[s.ID] = s
		}
		whole := spans(story, from, to)
		for _, s := range whole {
			if !reflect.DeepEqual(parts[s.ID], s) {
				t.Fatalf("span %+v is %+v in the parts", s, parts[s.ID])
			}
		}
		if c := Count(story, from, to); len(parts) != len(whole) || c.Spans != len(whole) {
			t.Fatalf("%d spans, %d in the parts, counted %d", len(whole), len(parts), c.Spans)
		}
	})
}

func TestEveryTraceIsOneTreeWhoseParentsWait(t *testing.T) {
	for seed := range uint64(12) {
		traces := map[[16]byte][]seen{}
		from := now().Add(-4 * time.Hour)
		for _, s := range spans(traffic(seed, "demo"), from, from.Add(time.Hour)) {
			traces[s.Trace] = append(traces[s.Trace], s)
		}
		for id, trace := range traces {
			if trace[0].Start.Before(from.Add(journey.Longest)) || trace[0].Start.After(from.Add(time.Hour-journey.Longest)) {
				continue // cut at the edges of the window
			}
			checkTree(t, id, trace)
		}
	}
}

func checkTree(t *testing.T, id [16]byte, trace []seen) {
	t.Helper()
	known := map[[8]byte]seen{}
	for i, s := range trace {
		parent, ok := known[s.Parent]
		if known[s.ID] = s; (i == 0) != (s.Parent == [8]byte{}) || i > 0 && !ok {
			t.Fatalf("trace %x: span %d (%s) has no parent before it", id, i, s.Name)
		}
		if i == 0 {
			continue
		}
		if s.Start.Before(parent.Start) || s.Kind != Consumer && s.End.After(parent.End) || s.Kind == Consumer && s.Start.Before(parent.End) {
			t.Fatalf("trace %x: %s (%v to %v) does not fit below %s (%v to %v)", id, s.Name, s.Start, s.End, parent.Name, parent.Start, parent.End)
		}
		inward := s.Kind == Server || s.Kind == Consumer
		if inward != (parent.Kind == Client || parent.Kind == Producer) || inward == (parent.Service.Name == s.Service.Name) {
			t.Fatalf("trace %x: %s of kind %d in %s below kind %d in %s", id, s.Name, s.Kind, s.Service.Name, parent.Kind, parent.Service.Name)
		}
	}
}

func TestTracesOfLogsExist(t *testing.T) {
	for _, tenant := range []string{"demo", "other"} {
		story, from, kept := traffic(1, tenant), now().Add(-2*time.Hour), map[string]bool{}
		for _, s := range spans(story, from, now()) {
			kept[hexOf(s.Trace[:])+hexOf(s.ID[:])] = true
		}
		named := 0
		shoplogs.Rows(story, from, now(), func(r *shoplogs.Row) {
			_, fields := r.Fields(nil)
			ids := map[string]string{}
			for _, f := range fields {
				ids[f.Name] = f.Value
			}
			if ids["trace_id"] == "" {
				return
			}
			if named++; !kept[ids["trace_id"]+ids["span_id"]] {
				t.Fatalf("no span %s in trace %s", ids["span_id"], ids["trace_id"])
			}
		})
		if named < 1000 {
			t.Errorf("%d rows of %s name a span", named, tenant)
		}
	}
}

func hexOf(id []byte) string {
	const digits = "0123456789abcdef"
	var text strings.Builder
	for _, b := range id {
		text.WriteByte(digits[b>>4])
		text.WriteByte(digits[b&15])
	}
	return text.String()
}

func TestEverySpanIsMarkedForItsTenantOnly(t *testing.T) {
	for _, tenant := range []string{"demo", "other"} {
		own := 0
		for _, s := range spans(traffic(3, tenant), now().Add(-30*time.Minute), now()) {
			want := Field{"marker", tenant + "-marker"}
			if s.resource[len(s.resource)-1] != want || s.attributes[0] != want {
				t.Fatalf("span without the marker of %s: %+v", tenant, s)
			}
			if s.Service.Name == "probe-"+tenant+"-marker" {
				own++
			} else if strings.HasPrefix(s.Service.Name, "probe-") {
				t.Fatalf("%s in the spans of %s", s.Service.Name, tenant)
			}
		}
		if own == 0 {
			t.Errorf("no span of the service that only %s has", tenant)
		}
	}
}

func TestIncidentRaisesErrorsOrTimesOfItsService(t *testing.T) {
	for seed := uint64(1); seed <= 17; seed++ {
		story := tell(seed)
		if len(story.Incidents) == 0 || story.Incidents[0].Kind == shop.QueueBackup {
			continue // a queue shows in the gap between publish and process
		}
		i := story.Incidents[0]
		told := journey.New(story, journey.For("demo", "demo-marker"))
		bad, badTime := health(told, i.Service, i.Start.Add(i.End.Sub(i.Start)*9/10), i.End)
		usual, usualTime := health(told, i.Service, i.Start.Add(-30*time.Minute), i.Start)
		if bad < .15+usual && badTime < 2*usualTime {
			t.Errorf("seed %d, %v: errors %.3f (usual %.3f), seconds %.3f (usual %.3f)", seed, i, bad, usual, badTime, usualTime)
		}
	}
}

func health(t *journey.Traffic, service string, from, to time.Time) (errors, seconds float64) {
	n := 0.
	for _, s := range spans(t, from, to) {
		if s.Service.Name != service || s.Kind == Client || s.Kind == Producer {
			continue
		}
		n++
		seconds += s.End.Sub(s.Start).Seconds()
		if s.Fault != "" {
			errors++
		}
	}
	return errors / n, seconds / n
}

func TestBatchKeepsEverySpan(t *testing.T) {
	b, want := NewBatch(), map[string]bool{}
	Spans(traffic(3, "demo"), now().Add(-10*time.Minute), now(), func(s *Span) {
		b.Add(s)
		want[string(s.ID[:])] = s.Fault != ""
	})
	body, err := b.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var got tracepb.TracesData
	if err := proto.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range got.ResourceSpans {
		for _, s := range r.ScopeSpans[0].Spans {
			n++
			if failed, ok := want[string(s.SpanId)]; !ok || failed != (s.Status.Code == tracepb.Status_STATUS_CODE_ERROR) {
				t.Fatalf("span %x is another one", s.SpanId)
			}
		}
	}
	if n != b.Len() || n != len(want) || !bytes.Contains(body, []byte("service.instance.id")) {
		t.Errorf("%d spans decoded, %d in the batch, %d told", n, b.Len(), len(want))
	}
}
