package server

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/platformbuilds/mirador-core/libs/fault"
	queryv1 "github.com/platformbuilds/mirador-core/proto/gen/query/v1"
)

func TestValidate(t *testing.T) {
	b := newBench(t)
	for query, want := range map[string]*queryv1.Validation{
		"sum(up)": {Valid: true},
		"sum(\nup": {Error: &queryv1.ParseError{Message: `unexpected end of query; want ",", ")"`,
			Position: &queryv1.Position{Offset: 7, Line: 2, Column: 3}}},
		"summ(up)": {Error: &queryv1.ParseError{Message: `unsupported function "summ"`,
			Position: &queryv1.Position{Offset: 0, Line: 1, Column: 1}}},
	} {
		got, err := b.Validate(demo(t).ctx, &queryv1.TextRequest{Query: query})
		if err != nil || got.GetStatus() != "success" || !proto.Equal(got.GetData(), want) {
			t.Errorf("%q: got %v, %v", query, got, err)
		}
	}
	_, err := b.Validate(demo(t).ctx, &queryv1.TextRequest{})
	expect(t, err, fault.CodeInvalidRequest, "Invalid query request format", "/query")
}

func TestFormat(t *testing.T) {
	b := newBench(t)
	got, err := b.Format(demo(t).ctx, &queryv1.TextRequest{Query: "sum(rate(x[5m]))by(a)"})
	if err != nil || got.GetData() != "sum(rate(x[5m])) by(a)" {
		t.Errorf("got %v, %v", got, err)
	}
	_, err = b.Format(demo(t).ctx, &queryv1.TextRequest{Query: "sum("})
	if f := expect(t, err, fault.CodeQueryInvalid, `Invalid MetricsQL query: unexpected end of query; want "(", "{", "-", "+"`, "/query"); f.Extra["position"] == nil {
		t.Error("the position is missing")
	}
}

func TestExplain(t *testing.T) {
	b := newBench(t)
	got, err := b.Explain(demo(t).ctx, &queryv1.ExplainRequest{Query: `sum(rate(up{job="a"}[5m]))`, Start: "now-30d", End: "now", Step: "1s"})
	if err != nil {
		t.Fatal(err)
	}
	want := &queryv1.Explanation{
		Canonical: `sum(rate(up{job="a"}[5m]))`, Functions: []string{"rate", "sum"},
		Selectors:       []*queryv1.Selector{{Text: `up{job="a"}`, Metric: "up", Labels: []string{"job"}, Window: "5m"}},
		PointsPerSeries: 2592001, MaxPointsPerSeries: 11000,
		Refusal: "the query asks for 2592001 points per series, at most 11000 are allowed; a step of 5m fits", SuggestedStep: "5m",
	}
	if !proto.Equal(got.GetData(), want) {
		t.Errorf("got %v", got.GetData())
	}
	got, err = b.Explain(demo(t).ctx, &queryv1.ExplainRequest{Query: "up"})
	if err != nil || !got.GetData().GetAllowed() || got.GetData().GetPointsPerSeries() != 1 {
		t.Errorf("got %v, %v", got, err)
	}
	for name, in := range map[string]*queryv1.ExplainRequest{
		"/end": {Query: "up", Start: "2", End: "1", Step: "1"}, "/step": {Query: "up", Start: "1", End: "2"},
		"/query": {}, "/start": {Query: "up", Start: "x", End: "2", Step: "1"},
	} {
		_, err := b.Explain(demo(t).ctx, in)
		if f := fault.From(err); f == nil || len(f.Fields) == 0 || f.Fields[0].Pointer != name {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if len(b.store.asked) > 0 {
		t.Error("the back end was asked")
	}
}
