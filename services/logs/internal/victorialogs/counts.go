package victorialogs

import (
	"context"
	"encoding/json"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// Value is a value, or a name, with its rows.
type Value struct {
	// Value of the field.
	Value string
	// Hits counts rows; 0 when the back end's own limit cut the list.
	Hits uint64
}

// Hits are counts over time of one group.
type Hits struct {
	// Fields of the group; empty for the rest beyond the limit of groups.
	Fields map[string]string
	// Timestamps of the buckets that have rows, and how many.
	Timestamps []time.Time
	Values     []uint64
	// Total of the values.
	Total uint64
}

// HitsQuery asks for counts over time.
type HitsQuery struct {
	Query
	// Step of the buckets, which are aligned to it in UTC.
	Step time.Duration
	// Fields to group by.
	Fields []string
	// FieldsLimit is the number of groups; the rest is in one without fields.
	FieldsLimit int
}

// Hits counts rows per step. Buckets without rows are absent.
func (c *Client) Hits(ctx context.Context, q HitsQuery) ([]Hits, error) {
	v := q.values()
	v.Set("step", Duration(q.Step))
	for _, f := range q.Fields {
		v.Add("field", f)
	}
	if q.FieldsLimit > 0 {
		v.Set("fields_limit", strconv.Itoa(q.FieldsLimit))
	}
	var out struct{ Hits []Hits }
	err := c.readInto(ctx, "hits", q.Query, v, &out)
	return out.Hits, err
}

// Facet is one field with its most frequent values.
type Facet struct {
	// Field name.
	Field string
	// Values, most rows first.
	Values []Value
}

// FacetsQuery asks for frequent values.
type FacetsQuery struct {
	// Query.Limit is the number of values per field.
	Query
	// KeepConst keeps fields that have one value in every row.
	KeepConst bool
}

// Facets gives the fields that are worth a facet, with their values. Fields
// with very many or very long values are left out by the back end.
func (c *Client) Facets(ctx context.Context, q FacetsQuery) ([]Facet, error) {
	v := q.values()
	if q.KeepConst {
		v.Set("keep_const_fields", "1")
	}
	var out struct {
		Facets []struct {
			FieldName string `json:"field_name"`
			Values    []struct {
				FieldValue string `json:"field_value"`
				Hits       uint64
			}
		}
	}
	if err := c.readInto(ctx, "facets", q.Query, v, &out); err != nil {
		return nil, err
	}
	facets := make([]Facet, len(out.Facets))
	for i, f := range out.Facets {
		facets[i].Field = f.FieldName
		for _, value := range f.Values {
			facets[i].Values = append(facets[i].Values, Value{value.FieldValue, value.Hits})
		}
	}
	return facets, nil
}

// FieldNames lists the fields of the rows, most rows first.
func (c *Client) FieldNames(ctx context.Context, q Query) ([]Value, error) {
	return c.list(ctx, "field_names", q, q.values())
}

// FieldValues lists the values of a field, most rows first; the empty value
// stands for rows without it. When there are more than q.Limit, which ones
// come back is arbitrary and their hits are 0.
func (c *Client) FieldValues(ctx context.Context, q Query, field string) ([]Value, error) {
	v := q.values()
	v.Set("field", field)
	return c.list(ctx, "field_values", q, v)
}

// Streams lists streams as `{label="value",...}`, most rows first. It is cut
// like FieldValues.
func (c *Client) Streams(ctx context.Context, q Query) ([]Value, error) {
	return c.list(ctx, "streams", q, q.values())
}

func (c *Client) list(ctx context.Context, endpoint string, q Query, v url.Values) ([]Value, error) {
	var out struct{ Values []Value }
	err := c.readInto(ctx, endpoint, q, v, &out)
	return out.Values, err
}

// readInto reads a whole JSON answer of bounded size.
func (c *Client) readInto(ctx context.Context, endpoint string, q Query, v url.Values, out any) error {
	res, err := c.do(ctx, endpoint, q, v)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return err
	}
	if len(raw) > maxAnswer {
		return fault.New(fault.CodeAnswerTooLarge, msgFailed).WithDetail("the answer is larger than %d bytes", maxAnswer).
			WithSuggestion("narrow the query")
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fault.New(fault.CodeBackendFailed, msgFailed).WithDetail("the back end's answer is incomplete or not valid").Wrap(err)
	}
	return nil
}

// Duration writes a span of time as the back end reads it: 15m, not 15m0s.
func Duration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
