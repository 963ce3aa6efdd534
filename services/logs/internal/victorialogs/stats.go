package victorialogs

import (
	"context"
	"encoding/json"
	"strconv"
	"time"
)

// Sample is one number of a stats query.
type Sample struct {
	// Labels are the fields of the group and, as __name__, the function's name.
	Labels map[string]string
	// Points in the order of time; one for StatsQuery.
	Points []Point
}

// Point is a number at a time.
type Point struct {
	Time time.Time
	// Text of the number; it may be "NaN", and is empty for the least or
	// greatest of nothing.
	Text string
}

// Float is the number; ok is false when there is none.
func (p Point) Float() (f float64, ok bool) {
	f, err := strconv.ParseFloat(p.Text, 64)
	return f, err == nil && f == f
}

// StatsQuery evaluates a query that ends with a stats pipe.
func (c *Client) StatsQuery(ctx context.Context, q Query) ([]Sample, error) {
	var out struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Value  point
			}
		}
	}
	if err := c.readInto(ctx, "stats_query", q, q.values(), &out); err != nil {
		return nil, err
	}
	samples := make([]Sample, len(out.Data.Result))
	for i, r := range out.Data.Result {
		samples[i] = Sample{Labels: r.Metric, Points: []Point{Point(r.Value)}}
	}
	return samples, nil
}

// StatsQueryRange evaluates a query that ends with a stats pipe once per step;
// steps without rows are absent.
func (c *Client) StatsQueryRange(ctx context.Context, q Query, step time.Duration) ([]Sample, error) {
	v := q.values()
	v.Set("step", Duration(step))
	var out struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Values []point
			}
		}
	}
	if err := c.readInto(ctx, "stats_query_range", q, v, &out); err != nil {
		return nil, err
	}
	samples := make([]Sample, len(out.Data.Result))
	for i, r := range out.Data.Result {
		samples[i].Labels = r.Metric
		for _, p := range r.Values {
			samples[i].Points = append(samples[i].Points, Point(p))
		}
	}
	return samples, nil
}

// point in Prometheus' form: [seconds, "number"].
type point Point

// UnmarshalJSON reads the pair.
func (p *point) UnmarshalJSON(raw []byte) error {
	var at json.Number
	if err := json.Unmarshal(raw, &[]any{&at, &p.Text}); err != nil {
		return err
	}
	seconds, err := at.Float64()
	p.Time = time.UnixMilli(int64(seconds * 1000)).UTC()
	return err
}
