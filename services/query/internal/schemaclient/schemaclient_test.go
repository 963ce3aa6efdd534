package schemaclient

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
	"github.com/platformbuilds/mirador-core/services/query/internal/definitions"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// conn answers LookupDefinitions.
type conn struct {
	grpc.ClientConnInterface
	asked  *schemav1.LookupDefinitionsRequest
	answer *schemav1.LookupDefinitionsResponse
	err    error
}

func (c *conn) Invoke(_ context.Context, _ string, args, reply any, _ ...grpc.CallOption) error {
	c.asked = args.(*schemav1.LookupDefinitionsRequest)
	if c.err != nil {
		return c.err
	}
	out := reply.(*schemav1.LookupDefinitionsResponse)
	out.Epoch, out.Metrics, out.Labels = c.answer.Epoch, c.answer.Metrics, c.answer.Labels
	return nil
}

func TestLookup(t *testing.T) {
	updated := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	allowed, err := structpb.NewStruct(map[string]any{"b": "x<y", "a": []any{1.0}})
	if err != nil {
		t.Fatal(err)
	}
	c := &conn{answer: &schemav1.LookupDefinitionsResponse{
		Epoch: 7,
		Metrics: []*schemav1.Metric{{TenantId: "demo", Metric: "up", Description: "d", Owner: "o", Tags: []string{"t"},
			UpdatedAt: timestamppb.New(updated)}},
		Labels: []*schemav1.Label{
			{TenantId: "demo", Metric: "up", Label: "zone", Required: true, AllowedValues: allowed},
			{TenantId: "demo", Metric: "up", Label: "job", Type: "string", Description: "j"},
			{TenantId: "demo", Metric: "orphan", Label: "x"},
		},
	}}
	got, err := New(c).Lookup(t.Context(), []string{"up", "orphan"}, 5)
	if err != nil {
		t.Fatal(err)
	}
	want := definitions.Found{Epoch: 7, Metrics: map[string]definitions.Known{
		"up": {
			Metric: &definitions.Metric{Tenant: "demo", Name: "up", Description: "d", Owner: "o", Tags: []string{"t"}, Updated: updated},
			Labels: []definitions.Label{
				{Tenant: "demo", Metric: "up", Name: "job", Type: "string", Description: "j"},
				{Tenant: "demo", Metric: "up", Name: "zone", Required: true, Allowed: []byte(`{"a":[1],"b":"x\u003cy"}`)},
			},
		},
		"orphan": {Labels: []definitions.Label{{Tenant: "demo", Metric: "orphan", Name: "x"}}},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if c.asked.MinEpoch != 5 || len(c.asked.Metrics) != 2 {
		t.Errorf("asked %v", c.asked)
	}
}

func TestLookupKeepsTheCause(t *testing.T) {
	away := errors.New("away")
	if _, err := New(&conn{err: away}).Lookup(t.Context(), nil, 0); !errors.Is(err, away) {
		t.Errorf("got %v", err)
	}
}
