package metrics

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/engine"
	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

// result is what a query answer says about its making.
type result struct {
	took  time.Duration
	trace bool
	what  string
}

func (s *Server) writeQuery(w http.ResponseWriter, r *http.Request, a engine.Answer, cluster bool, kind string, made result) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	out := s.newOutput(w, r, jsonType)
	defer out.close()
	out.buf = append(appendStatus(out.buf, cluster), `"data":{"resultType":"`...)
	out.buf = append(append(out.buf, kind...), `","result":[`...)
	if kind == "vector" {
		out.vector(a.Series)
	} else {
		out.matrix(a.Series)
	}
	out.buf = append(out.buf, `]},"stats":{"seriesFetched": "`...)
	out.buf = strconv.AppendInt(out.buf, int64(a.Fetched), 10)
	out.buf = append(out.buf, `","executionTimeMsec":`...)
	out.buf = strconv.AppendInt(out.buf, made.took.Milliseconds(), 10)
	out.buf = append(out.buf, '}')
	if made.trace {
		out.trace(made)
	}
	out.buf = append(out.buf, '}')
}

func (o *output) vector(series []store.Series) {
	for i, s := range series {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		o.buf = appendLabels(append(o.buf, `{"metric":`...), s.Labels)
		o.buf = appendPoint(append(o.buf, `,"value":`...), s.T[0], s.V[0])
		o.buf = append(o.buf, '}')
		o.spill()
	}
}

func (o *output) matrix(series []store.Series) {
	for i, s := range series {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		o.buf = appendLabels(append(o.buf, `{"metric":`...), s.Labels)
		o.buf = append(o.buf, `,"values":[`...)
		for j, t := range s.T {
			if j > 0 {
				o.buf = append(o.buf, ',')
			}
			o.buf = appendPoint(o.buf, t, s.V[j])
		}
		o.buf = append(o.buf, `]}`...)
		o.spill()
	}
}

// trace adds the root of the real server's trace tree; its inner steps are
// the real server's own.
func (o *output) trace(made result) {
	o.buf = append(o.buf, `,"trace":{"duration_msec":`...)
	o.buf = strconv.AppendFloat(o.buf, float64(made.took.Microseconds())/1e3, 'f', -1, 64)
	o.buf = appendString(append(o.buf, `,"message":`...), "query="+made.what)
	o.buf = append(o.buf, '}')
}

// round cuts values to a number of decimals.
func round(series []store.Series, digits int) {
	factor := math.Pow10(digits)
	for _, s := range series {
		for i, v := range s.V {
			if r := math.Round(v*factor) / factor; !math.IsInf(r, 0) {
				s.V[i] = r
			}
		}
	}
}
