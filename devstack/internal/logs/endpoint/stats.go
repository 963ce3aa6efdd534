package endpoint

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/logsql"
)

// point is [unix seconds, "value"].
type point struct {
	at    int64 // unix nanoseconds
	value string
}

// MarshalJSON writes it as Prometheus does.
func (p point) MarshalJSON() ([]byte, error) {
	text, err := json.Marshal(p.value)
	b := append([]byte{'['}, strconv.FormatFloat(float64(p.at/1e6)/1e3, 'f', -1, 64)...)
	return append(append(append(b, ','), text...), ']'), err
}

// metric is one line of numbers.
type metric struct {
	Metric map[string]string `json:"metric"`
	Value  *point            `json:"value,omitempty"`
	Values []point           `json:"values,omitempty"`
}

func sendMetrics(a *answer, kind string, all []*metric) error {
	if all == nil {
		all = []*metric{}
	}
	type data struct {
		Type   string    `json:"resultType"`
		Result []*metric `json:"result"`
	}
	return a.json(struct {
		Status string `json:"status"`
		Data   data   `json:"data"`
	}{"success", data{kind, all}})
}

func (h *Handler) statsQuery(a *answer, args *arguments) error {
	labels, err := args.query.Labels()
	if err != nil {
		return err
	}
	var all []*metric
	err = args.query.Run(args.ctx, args.source, func(r *logsql.Record) bool {
		each(r, labels, func(m *metric, value string) {
			m.Value = &point{args.time, value}
			all = append(all, m)
		})
		return true
	})
	if err != nil {
		return err
	}
	return sendMetrics(a, "vector", all)
}

// each makes a metric of every field that is no label.
func each(r *logsql.Record, labels []string, visit func(m *metric, value string)) {
	for _, f := range r.All() {
		if slices.Contains(labels, f.Name) {
			continue
		}
		m := &metric{Metric: map[string]string{"__name__": f.Name}}
		for _, l := range labels {
			m.Metric[l] = r.Get(l)
		}
		visit(m, f.Value)
	}
}

func (h *Handler) statsQueryRange(a *answer, args *arguments) error {
	step, offset, err := args.step()
	if err != nil {
		return err
	}
	labels, err := args.query.Labels()
	if err != nil {
		return err
	}
	labels = slices.DeleteFunc(labels, func(l string) bool { return l == "_time" })
	args.query.Every(step, offset)
	byKey := map[string]*metric{}
	var keys []string
	err = args.query.Run(args.ctx, args.source, func(r *logsql.Record) bool {
		at, _ := r.Time()
		each(r, append(slices.Clip(labels), "_time"), func(m *metric, value string) {
			delete(m.Metric, "_time")
			key := metricKey(m, labels)
			if byKey[key] == nil {
				byKey[key] = m
				keys = append(keys, key)
			}
			byKey[key].Values = append(byKey[key].Values, point{at, value})
		})
		return true
	})
	if err != nil {
		return err
	}
	slices.Sort(keys)
	var all []*metric
	for _, key := range keys {
		m := byKey[key]
		slices.SortFunc(m.Values, func(a, b point) int { return time.Unix(0, a.at).Compare(time.Unix(0, b.at)) })
		all = append(all, m)
	}
	return sendMetrics(a, "matrix", all)
}

func metricKey(m *metric, labels []string) string {
	key := m.Metric["__name__"]
	for _, l := range labels {
		key += "\x00" + m.Metric[l]
	}
	return key
}
