package server

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/libs/fault"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	"github.com/platformbuilds/mirador-core/services/logs/internal/facet"
	"github.com/platformbuilds/mirador-core/services/logs/internal/logsql"
	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
	"github.com/platformbuilds/mirador-core/services/logs/internal/victorialogs"
)

const (
	defaultValues = 20
	maxValues     = 200
	// maxFacets of one answer.
	maxFacets = 50
)

var facetTexts = texts{bad: "bad query params", failed: "facets failed", invalid: "bad query params"}

// Facets implements logsv1.LogsServiceServer.
func (s *Server) Facets(ctx context.Context, in *logsv1.FacetsRequest) (*logsv1.FacetsResponse, error) {
	c, err := s.begin(ctx, facetTexts, "")
	if err != nil {
		return nil, err
	}
	defer c.end()
	q, _, err := c.selection(in.GetQuery(), in.GetStart(), in.GetEnd())
	if err != nil {
		return nil, err
	}
	fields := split(in.GetFields())
	if len(fields) > maxFacets {
		return nil, fault.New(fault.CodeInvalidRequest, c.bad).WithField("fields", "%d fields are more than %d", len(fields), maxFacets)
	}
	if n := in.GetSampling(); n > 1 {
		q.Text += " | sample " + strconv.Itoa(int(n))
	}
	limit := defaultValues
	if n := int(in.GetLimit()); n >= 1 && n <= maxValues {
		limit = n
	}
	facets, total, err := c.facets(q, fields, limit)
	if err != nil {
		return nil, c.failure(err)
	}
	return facetsMessage(facets, total, in.GetSampling()), nil
}

// split reads a list that is repeated, or separated by commas, or both.
func split(lists []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, list := range lists {
		for name := range strings.SplitSeq(list, ",") {
			if name = strings.TrimSpace(name); name != "" && !seen[name] {
				seen[name] = true
				out = append(out, name)
			}
		}
	}
	return out
}

// facets gives the facets of the fields, or of those that the back end finds
// worth one. All counts are exact.
func (c *call) facets(q victorialogs.Query, fields []string, limit int) ([]facet.Facet, uint64, error) {
	found := map[string][]facet.Value{}
	if len(fields) == 0 {
		fq := victorialogs.FacetsQuery{Query: q, KeepConst: true}
		fq.Limit = limit + 1
		list, err := c.server.Backend.Facets(c.ctx, fq)
		if err != nil {
			return nil, 0, err
		}
		for _, f := range list[:min(len(list), maxFacets)] {
			fields, found[f.Field] = append(fields, f.Field), facetValues(f.Values)
		}
	}
	totals, err := c.totals(q, fields)
	if err != nil {
		return nil, 0, err
	}
	var facets []facet.Facet
	for i, field := range fields {
		values, ok := found[field]
		if !ok {
			if values, err = c.top(q, field, limit+1); err != nil {
				return nil, 0, err
			}
		}
		facets = append(facets, facet.Build(field, values, totals.of(i), limit))
	}
	return facets, totals.rows, nil
}

// fieldTotals count all rows, and per field those without it and its values.
type fieldTotals struct {
	rows            uint64
	missing, values []uint64
}

func (t fieldTotals) of(i int) facet.Totals {
	return facet.Totals{Rows: t.rows, Missing: t.missing[i], Values: t.values[i]}
}

// totals asks once for all fields.
func (c *call) totals(q victorialogs.Query, fields []string) (fieldTotals, error) {
	t := fieldTotals{missing: make([]uint64, len(fields)), values: make([]uint64, len(fields))}
	text := " | stats count() as total"
	for i, f := range fields {
		text += fmt.Sprintf(", count_empty(%s) as m%d, count_uniq(%s) as u%d", logsql.Quote(f), i, logsql.Quote(f), i)
	}
	q.Text += text
	_, err := c.server.each(c.ctx, q, func(r *row.Row) error {
		t.rows = number(r, "total")
		for i := range fields {
			t.missing[i], t.values[i] = number(r, fmt.Sprintf("m%d", i)), number(r, fmt.Sprintf("u%d", i))
		}
		return nil
	})
	return t, err
}

func number(r *row.Row, name string) uint64 {
	n, _ := strconv.ParseUint(r.First(name), 10, 64)
	return n
}

// top gives the values of a field with most rows, exactly counted. One of them
// may be the empty one.
func (c *call) top(q victorialogs.Query, field string, limit int) ([]facet.Value, error) {
	q.Text += fmt.Sprintf(" | top %d by (%s) hits as _hits", limit, logsql.Quote(field))
	var values []facet.Value
	_, err := c.server.each(c.ctx, q, func(r *row.Row) error {
		value, _ := r.Get(field)
		values = append(values, facet.Value{Value: value, Hits: number(r, "_hits")})
		return nil
	})
	return values, err
}

func facetsMessage(facets []facet.Facet, total uint64, sampling int32) *logsv1.FacetsResponse {
	out := &logsv1.FacetsResponse{Sampled: sampling > 1,
		Stats: &logsv1.FacetStats{Fields: int32(len(facets)), SampleN: max(sampling, 1), Total: float64(total)}}
	for _, f := range facets {
		out.Facets = append(out.Facets, &logsv1.Facet{Field: f.Field, Buckets: buckets(f.Values),
			Other: float64(f.Other), Missing: float64(f.Missing), Capped: f.Capped})
	}
	return out
}

func buckets(values []facet.Value) []*logsv1.FacetBucket {
	var out []*logsv1.FacetBucket
	for _, v := range values {
		out = append(out, &logsv1.FacetBucket{Key: v.Value, Count: float64(v.Hits)})
	}
	return out
}

func facetValues(list []victorialogs.Value) []facet.Value {
	values := make([]facet.Value, len(list))
	for i, v := range list {
		values[i] = facet.Value(v)
	}
	return values
}
