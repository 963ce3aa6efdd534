package server

import (
	"cmp"
	"context"
	"slices"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/platformbuilds/mirador-core/libs/fault"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	"github.com/platformbuilds/mirador-core/services/logs/internal/facet"
	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
	"github.com/platformbuilds/mirador-core/services/logs/internal/victorialogs"
)

const (
	defaultEntries = 100
	// maxEntries of a listing.
	maxEntries = 10_000
)

var (
	streamsTexts = texts{bad: "Invalid streams request", failed: "Failed to retrieve log streams"}
	fieldsTexts  = texts{bad: "Invalid fields request", failed: "Failed to retrieve log fields"}
	valuesTexts  = texts{bad: "Invalid field values request", failed: "Failed to retrieve field values"}
)

// Streams implements logsv1.LogsServiceServer.
func (s *Server) Streams(ctx context.Context, in *logsv1.SelectRequest) (*logsv1.StreamsResponse, error) {
	c, q, limit, err := s.listing(ctx, streamsTexts, in, defaultEntries)
	if err != nil {
		return nil, err
	}
	defer c.end()
	// A limit would make the back end leave out any streams, and all counts.
	list, err := s.Backend.Streams(c.ctx, q)
	if err != nil {
		return nil, c.failure(err)
	}
	slices.SortFunc(list, byHits)
	data := &logsv1.Streams{}
	for _, v := range list[:min(limit, len(list))] {
		data.Streams = append(data.Streams, labels(v.Value))
	}
	data.Total = int32(len(data.Streams))
	return &logsv1.StreamsResponse{Status: "success", Data: data}, nil
}

func byHits(a, b victorialogs.Value) int {
	return cmp.Or(cmp.Compare(b.Hits, a.Hits), cmp.Compare(a.Value, b.Value))
}

func labels(stream string) *structpb.Struct {
	out := &structpb.Struct{Fields: map[string]*structpb.Value{}}
	for name, value := range row.ParseStream(stream) {
		out.Fields[name] = structpb.NewStringValue(value)
	}
	return out
}

// listing begins a call for a listing.
func (s *Server) listing(ctx context.Context, t texts, in *logsv1.SelectRequest, fallback int) (*call, victorialogs.Query, int, error) {
	c, err := s.begin(ctx, t, "")
	if err != nil {
		return nil, victorialogs.Query{}, 0, err
	}
	q, _, err := c.selection(in.GetQuery(), in.GetStart(), in.GetEnd())
	limit := 0
	if err == nil {
		limit, err = c.limit(in.GetLimit(), fallback, maxEntries)
	}
	if err != nil {
		c.end()
		return nil, q, 0, err
	}
	return c, q, limit, nil
}

// Fields implements logsv1.LogsServiceServer.
func (s *Server) Fields(ctx context.Context, in *logsv1.SelectRequest) (*logsv1.FieldsResponse, error) {
	c, q, limit, err := s.listing(ctx, fieldsTexts, in, maxEntries)
	if err != nil {
		return nil, err
	}
	defer c.end()
	list, err := s.Backend.FieldNames(c.ctx, q)
	if err != nil {
		return nil, c.failure(err)
	}
	slices.SortFunc(list, byHits)
	data := &logsv1.Fields{Fields: []string{}}
	for _, v := range list[:min(limit, len(list))] {
		data.Fields = append(data.Fields, v.Value)
	}
	slices.Sort(data.Fields)
	return &logsv1.FieldsResponse{Status: "success", Data: data}, nil
}

// FieldValues implements logsv1.LogsServiceServer.
func (s *Server) FieldValues(ctx context.Context, in *logsv1.FieldValuesRequest) (*logsv1.FieldValuesResponse, error) {
	if in.GetField() == "" {
		return nil, fault.New(fault.CodeInvalidRequest, "Field name is required").WithField("field", "is required")
	}
	c, q, limit, err := s.listing(ctx, valuesTexts, &logsv1.SelectRequest{Query: in.GetQuery(), Start: in.GetStart(),
		End: in.GetEnd(), Limit: in.GetLimit()}, defaultEntries)
	if err != nil {
		return nil, err
	}
	defer c.end()
	// One more for rows without the field, one more to see that there are more.
	values, err := c.top(q, in.GetField(), limit+2)
	if err != nil {
		return nil, c.failure(err)
	}
	f := facet.Build(in.GetField(), values, facet.Totals{}, limit+1)
	data := &logsv1.FieldValues{Field: f.Field, Capped: len(f.Values) > limit}
	data.Values = buckets(f.Values[:min(limit, len(f.Values))])
	return &logsv1.FieldValuesResponse{Status: "success", Data: data}, nil
}
