package metrics

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/engine"
	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

const defaultTopN = 10

// statusTSDB counts the series of one day by name, label and value.
func (s *Server) statusTSDB(w http.ResponseWriter, r *http.Request, at scope) {
	a := s.args(r)
	top := a.topN()
	day := a.day()
	sel := a.matches()
	if len(sel) == 0 {
		sel = store.All()
	}
	sel = engine.And(sel, a.filters())
	if a.err != nil {
		failJSON(w, http.StatusBadRequest, a.err.Error())
		return
	}
	found, err := reader{s.store, at}.Series(r.Context(), sel, day, day)
	if err != nil {
		failJSON(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	s.sendJSON(w, r, append(count(found, a.get("focusLabel")).append(appendStatus(nil, at.cluster), top), '}'))
}

// activeQueries says none: no query outlives a look at it.
func activeQueries(s *Server, w http.ResponseWriter, r *http.Request, _ scope) {
	s.sendJSON(w, r, []byte(`{"status":"ok","data":[]}`))
}

func (a *args) topN() int {
	text := a.get("topN")
	if text == "" {
		return defaultTopN
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		a.fail(fmt.Errorf("cannot parse `topN` arg %q: %w", text, err))
	}
	return n
}

func (a *args) day() int64 {
	text := a.get("date")
	if text == "" {
		return a.now.UnixMilli()
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		a.fail(fmt.Errorf("cannot parse `date` arg %q: %w", text, err))
	}
	return t.UnixMilli()
}

// counts holds series by metric name, label name, focus value and pair, and
// distinct values by label name.
type counts struct {
	series, pairs                         int
	names, labels, focus, couples, values map[string]int
}

func count(found []labels.Labels, focus string) counts {
	c := counts{
		series: len(found), names: map[string]int{}, labels: map[string]int{},
		focus: map[string]int{}, couples: map[string]int{}, values: map[string]int{},
	}
	for _, l := range found {
		c.names[l.Get(model.MetricNameLabel)]++
		l.Range(func(p labels.Label) { c.add(p, focus) })
	}
	return c
}

func (c *counts) add(p labels.Label, focus string) {
	c.pairs++
	c.labels[p.Name]++
	couple := p.Name + "=" + p.Value
	if c.couples[couple] == 0 {
		c.values[p.Name]++
	}
	c.couples[couple]++
	if p.Name == focus {
		c.focus[p.Value]++
	}
}

func (c counts) append(b []byte, top int) []byte {
	b = append(b, fmt.Sprintf(`"data":{"totalSeries":%d,"totalLabelValuePairs":%d`, c.series, c.pairs)...)
	b = appendTop(b, "seriesCountByMetricName", c.names, top, true)
	b = appendTop(b, "seriesCountByLabelName", c.labels, top, false)
	b = appendTop(b, "seriesCountByFocusLabelValue", c.focus, top, false)
	b = appendTop(b, "seriesCountByLabelValuePair", c.couples, top, false)
	b = appendTop(b, "labelValueCountByLabelName", c.values, top, false)
	return append(b, '}')
}

// appendTop writes the largest counts; metric names also carry how often they
// were asked for, which is not counted here.
func appendTop(b []byte, title string, by map[string]int, top int, asked bool) []byte {
	names := slices.SortedFunc(maps.Keys(by), func(x, y string) int {
		return cmp.Or(cmp.Compare(by[y], by[x]), cmp.Compare(x, y))
	})
	b = append(append(append(b, `,"`...), title...), `":[`...)
	for i, name := range cut(names, top) {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(append(b, `{"name":`...), name)
		b = strconv.AppendInt(append(b, `,"value":`...), int64(by[name]), 10)
		if asked {
			b = append(b, `,"requestsCount":0,"lastRequestTimestamp":0`...)
		}
		b = append(b, '}')
	}
	return append(b, ']')
}
