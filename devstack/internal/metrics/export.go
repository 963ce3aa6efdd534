package metrics

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/engine"
	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

// ever looks back to the beginning.
const ever = math.MaxInt64

// samples reads the stored samples that an export or federation asks for.
func (s *Server) samples(w http.ResponseWriter, r *http.Request, at scope, lookback int64) ([]store.Series, bool) {
	a := s.args(r)
	to := a.time("end", a.now.UnixMilli())
	from := a.time("start", max(0, to-lookback))
	sel := a.matches()
	if len(sel) == 0 {
		a.fail(errors.New("missing `match[]` arg"))
	}
	sel = engine.And(sel, a.filters())
	w.Header().Set("Access-Control-Allow-Origin", "*")
	if a.err != nil {
		fail(w, http.StatusBadRequest, a.err.Error())
		return nil, false
	}
	series, err := reader{s.store, at}.Select(r.Context(), sel, from, to)
	if err != nil {
		fail(w, http.StatusServiceUnavailable, err.Error())
		return nil, false
	}
	return series, true
}

func (s *Server) export(w http.ResponseWriter, r *http.Request, at scope) {
	series, ok := s.samples(w, r, at, ever)
	if !ok {
		return
	}
	out := s.newOutput(w, r, streamType)
	defer out.close()
	if r.Form.Get("format") == "promapi" {
		out.buf = append(out.buf, `{"status":"success","data":{"resultType":"matrix","result":[`...)
		out.matrix(series)
		out.buf = append(out.buf, `]}}`...)
		return
	}
	for _, one := range series {
		out.exportLine(one)
		out.spill()
	}
}

func (o *output) exportLine(s store.Series) {
	o.buf = appendLabels(append(o.buf, `{"metric":`...), s.Labels)
	o.buf = append(o.buf, `,"values":[`...)
	for i, v := range s.V {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		o.buf = appendExported(o.buf, v)
	}
	o.buf = append(o.buf, `],"timestamps":[`...)
	for i, t := range s.T {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		o.buf = strconv.AppendInt(o.buf, t, 10)
	}
	o.buf = append(o.buf, "]}\n"...)
}

func appendExported(b []byte, v float64) []byte {
	switch {
	case math.IsInf(v, 1):
		return append(b, `"Infinity"`...)
	case math.IsInf(v, -1):
		return append(b, `"-Infinity"`...)
	}
	return appendNumber(b, v)
}

func (s *Server) exportCSV(w http.ResponseWriter, r *http.Request, at scope) {
	series, ok := s.samples(w, r, at, ever)
	if !ok {
		return
	}
	format := r.Form.Get("format")
	columns := strings.Split(format, ",")
	out := s.newOutput(w, r, "text/csv; charset=utf-8")
	defer out.close()
	out.buf = append(append(out.buf, format...), '\n')
	for _, one := range series {
		for i := range one.T {
			out.csvRow(columns, one, i)
			out.spill()
		}
	}
}

func (o *output) csvRow(columns []string, s store.Series, i int) {
	for n, c := range columns {
		if n > 0 {
			o.buf = append(o.buf, ',')
		}
		switch {
		case c == "__value__":
			o.buf = appendNumber(o.buf, s.V[i])
		case c == "__timestamp__:unix_s":
			o.buf = strconv.AppendInt(o.buf, s.T[i]/1000, 10)
		case strings.HasPrefix(c, "__timestamp__"):
			o.buf = strconv.AppendInt(o.buf, s.T[i], 10)
		default:
			o.buf = append(o.buf, s.Labels.Get(c)...)
		}
	}
	o.buf = append(o.buf, '\n')
}

// federate writes the newest sample of each series as Prometheus text.
func (s *Server) federate(w http.ResponseWriter, r *http.Request, at scope) {
	series, ok := s.samples(w, r, at, defaultStep)
	w.Header().Del("Access-Control-Allow-Origin")
	if !ok {
		return
	}
	out := s.newOutput(w, r, textType)
	defer out.close()
	for _, one := range series {
		last := len(one.T) - 1
		out.buf = append(out.buf, prometheusName(one.Labels)...)
		out.buf = appendNumber(append(out.buf, ' '), one.V[last])
		out.buf = strconv.AppendInt(append(out.buf, ' '), one.T[last], 10)
		out.buf = append(out.buf, '\n')
		out.spill()
	}
}

func prometheusName(l labels.Labels) string {
	rest := labels.NewBuilder(l).Del(model.MetricNameLabel).Labels()
	if rest.IsEmpty() {
		return l.Get(model.MetricNameLabel)
	}
	return l.Get(model.MetricNameLabel) + strings.ReplaceAll(rest.String(), `", `, `",`)
}
