package sample_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/schema/internal/bulk"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
	"github.com/platformbuilds/mirador-core/services/schema/internal/drift"
	"github.com/platformbuilds/mirador-core/services/schema/internal/sample"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// backends have seen names of each kind; children by parent.
type backends struct {
	metrics, fields, services drift.Names
	labels, operations        map[string][]string
	err                       error
	window                    drift.Window
}

func (b *backends) Metrics(_ context.Context, w drift.Window) (drift.Names, error) {
	b.window = w
	return b.metrics, b.err
}

func (b *backends) Labels(_ context.Context, _ drift.Window, metric string) (drift.Names, error) {
	return drift.Names{List: b.labels[metric]}, b.err
}

func (b *backends) Values(context.Context, drift.Window, string, string) (drift.Names, error) {
	return drift.Names{}, errors.New("values are not needed")
}

func (b *backends) LogFields(context.Context, drift.Window) (drift.Names, error) {
	return b.fields, b.err
}

func (b *backends) Services(context.Context) (drift.Names, error) { return b.services, b.err }

func (b *backends) Operations(_ context.Context, service string) (drift.Names, error) {
	return drift.Names{List: b.operations[service]}, b.err
}

// book is what is defined, read in small pages.
type book []definition.Definition

func (b book) List(_ context.Context, s definition.Selection, _ uint64) (p definition.Page, _ error) {
	for _, d := range b {
		if !s.Fits(d) || s.After != nil && d.Compare(*s.After) <= 0 {
			continue
		}
		if p.More = len(p.Definitions) == 1; p.More {
			break
		}
		p.Definitions = append(p.Definitions, d)
	}
	return p, nil
}

func (b book) Lookup(_ context.Context, metrics []string, _ uint64) (f definition.Found, _ error) {
	for _, d := range b {
		switch {
		case d.Kind == definition.Metric && slices.Contains(metrics, d.Name):
			f.Metrics = append(f.Metrics, d)
		case d.Kind == definition.Label && slices.Contains(metrics, d.Parent):
			f.Labels = append(f.Labels, d)
		}
	}
	return f, nil
}

func define(kind definition.Kind, parent, name string, c definition.Content) definition.Definition {
	return definition.Definition{Key: definition.Key{Kind: kind, Parent: parent, Name: name}, Content: c, Version: 1}
}

func seen() *backends {
	return &backends{
		metrics:    drift.Names{List: []string{"up", "http_requests_total", "bare"}},
		fields:     drift.Names{List: []string{"level", "level", "=cmd", "a\nb"}},
		services:   drift.Names{List: []string{"checkout", "unknown", "cart"}},
		labels:     map[string][]string{"up": {"job", "instance"}, "http_requests_total": {"job"}},
		operations: map[string][]string{"checkout": {"POST /pay", "GET /"}, "unknown": {"x"}},
	}
}

func defined() book {
	return book{
		define(definition.Metric, "", "up", definition.Content{Description: "=SUM(1), or not", Owner: "edge", Tags: []string{"a"}}),
		define(definition.Label, "up", "job", definition.Content{Type: "string", Required: true, AllowedValues: map[string]any{"values": []any{"api"}}}),
		define(definition.Label, "up", "old", definition.Content{Description: "Gone."}),
		define(definition.LogField, "", "level", definition.Content{Examples: []string{"warn"}}),
		define(definition.Service, "", "cart", definition.Content{}),
		define(definition.Service, "", "checkout", definition.Content{Purpose: "Sells.\r\nThings."}),
		define(definition.Operation, "checkout", "GET /", definition.Content{Owner: "web"}),
	}
}

func samples(b *backends, d book) *sample.Samples {
	now := func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }
	return sample.New(b, d, bulk.Limits{Bytes: 5 << 20}, now)
}

const (
	metricsHeader   = "tenant_id,metric,description,owner,tags_json,label,label_type,label_required,label_allowed_json,label_description,author\n"
	fieldsHeader    = "tenant_id,field,type,description,tags_json,examples_json,author\n"
	servicesHeader  = "tenant_id,service,purpose,owner,tags_json,author\n"
	operationHeader = "tenant_id,service,operation,purpose,owner,tags_json,author\n"
)

func TestMake(t *testing.T) {
	tests := []struct {
		name     string
		request  sample.Request
		file     string
		want     string
		warnings []string
	}{
		{"all metrics", sample.Request{Kind: bulk.Metrics}, "metric_definitions_sample.csv", metricsHeader +
			",bare,,,[],,,,{},,\n" +
			",http_requests_total,,,[],job,,false,{},,\n" +
			`,up,"'=SUM(1), or not",edge,"[""a""]",instance,,false,{},,` + "\n" +
			`,up,"'=SUM(1), or not",edge,"[""a""]",job,string,true,"{""values"":[""api""]}",,` + "\n" +
			`,up,"'=SUM(1), or not",edge,"[""a""]",old,,false,{},Gone.,` + "\n", nil},
		{"named metrics", sample.Request{Kind: bulk.Metrics, Metrics: []string{"other", "http_requests_total", "other"}}, "metric_definitions_sample.csv",
			metricsHeader + ",http_requests_total,,,[],job,,false,{},,\n,other,,,[],,,,{},,\n", nil},
		{"log fields", sample.Request{Kind: bulk.LogFields}, "log_field_definitions_sample.csv",
			fieldsHeader + ",'=cmd,,,[],[],\n" + `,level,,,[],"[""warn""]",` + "\n", []string{"1 names are left out, they cannot be defined"}},
		{"services", sample.Request{Kind: bulk.Services}, "service_definitions_sample.csv",
			servicesHeader + ",cart,,,[],\n,checkout,\"Sells.\r\r\nThings.\",,[],\n,unknown,,,[],\n", nil},
		{"operations", sample.Request{Kind: bulk.Operations}, "operation_definitions_sample.csv",
			operationHeader + ",checkout,\"GET /\",,web,[],\n,checkout,\"POST /pay\",,,[],\n", []string{"1 services are left out, define them first"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := samples(seen(), defined()).Make(t.Context(), tt.request)
			if err != nil || f.Name != tt.file || string(f.Data) != tt.want || !slices.Equal(f.Warnings, tt.warnings) {
				t.Fatalf("%v, %s, %q:\n%s\nwant:\n%s", err, f.Name, f.Warnings, f.Data, tt.want)
			}
			unchanged(t, tt.request.Kind, f.Data)
		})
	}
}

// unchanged uploads a sample as it is: what is defined stays what it is.
func unchanged(t *testing.T, kind bulk.Kind, data []byte) {
	t.Helper()
	p, err := bulk.Parse(bulk.File{Kind: kind, ContentType: "text/csv", Data: data, Tenant: "acme"}, bulk.Limits{Bytes: 5 << 20})
	if err != nil || len(p.Refused) > 0 {
		t.Fatalf("the upload is refused: %v, %v", err, p)
	}
	heads := map[definition.Key]definition.Definition{}
	for _, d := range defined() {
		heads[d.Key] = d
	}
	for _, c := range p.Changes {
		if head, ok := heads[c.Key]; ok && !head.Same(c.Content) {
			t.Errorf("%v changes from %+v to %+v", c.Key, head.Content, c.Content)
		}
	}
}

func TestWindowIsADay(t *testing.T) {
	b := seen()
	if _, err := samples(b, nil).Make(t.Context(), sample.Request{Kind: bulk.Metrics}); err != nil {
		t.Fatal(err)
	}
	if got := b.window.End.Sub(b.window.Start); got != 24*time.Hour {
		t.Errorf("window of %s", got)
	}
}

func TestRefusals(t *testing.T) {
	down := seen()
	down.err = fault.New(fault.CodeBackendDown, "Back end unavailable")
	for _, kind := range bulk.Kinds() {
		_, err := samples(down, nil).Make(t.Context(), sample.Request{Kind: kind})
		if f := fault.From(err); f == nil || f.Code != fault.CodeBackendDown {
			t.Errorf("%s while the back end is away: %v", kind, err)
		}
	}
	for _, r := range []sample.Request{{Kind: "labels"}, {Kind: bulk.Metrics, Metrics: make([]string, 201)}} {
		_, err := samples(seen(), nil).Make(t.Context(), r)
		if f := fault.From(err); f == nil || f.Code != fault.CodeInvalidRequest || f.Message != "invalid sample request" {
			t.Errorf("%+v: %v", r.Kind, err)
		}
	}
}

// A file is never larger than what an upload takes, and says what is left out.
func TestBounds(t *testing.T) {
	b := seen()
	b.fields.List = nil
	for i := range 10_500 {
		b.fields.List = append(b.fields.List, fmt.Sprintf("field_%05d", i))
	}
	b.fields.More = true
	f, err := samples(b, nil).Make(t.Context(), sample.Request{Kind: bulk.LogFields})
	if err != nil || strings.Count(string(f.Data), "\n") != 10_001 || len(f.Warnings) != 2 {
		t.Errorf("%v, %d lines, %q", err, strings.Count(string(f.Data), "\n"), f.Warnings)
	}
	unchanged(t, bulk.LogFields, f.Data)
	small := sample.New(b, book{}, bulk.Limits{Bytes: 100}, time.Now)
	if f, err = small.Make(t.Context(), sample.Request{Kind: bulk.LogFields}); err != nil || len(f.Data) > 100 || !slices.Contains(f.Warnings, "10499 definitions are left out, an upload could not take them") {
		t.Errorf("%v, %d bytes, %q", err, len(f.Data), f.Warnings)
	}
	b.services.List = nil
	for i := range 300 {
		b.metrics.List = append(b.metrics.List, fmt.Sprintf("metric_%03d", i))
	}
	f, err = samples(b, nil).Make(t.Context(), sample.Request{Kind: bulk.Metrics})
	if err != nil || !slices.Equal(f.Warnings, []string{"only the first 200 of 303 names were looked into"}) {
		t.Errorf("%v, %q", err, f.Warnings)
	}
}
