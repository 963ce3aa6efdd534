package limit

import "github.com/prometheus/client_golang/prometheus"

type mode uint8

const (
	// shared decisions rest on the common counter, local ones do not.
	shared mode = iota
	local
)

// metrics holds one counter for each of budget, mode and result, resolved once:
// they are hit by every request.
type metrics struct {
	decisions [3][2][2]prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "mirador_gateway_limit_decisions_total",
		Help: "Rate limit decisions by budget, by whether the shared counter could be asked, and by result."},
		[]string{"budget", "counter", "result"})
	if reg != nil {
		reg.MustRegister(vec)
	}
	m := &metrics{}
	for k := range m.decisions {
		for where, counter := range []string{"shared", "local"} {
			for r, result := range []string{"allowed", "refused"} {
				m.decisions[k][where][r] = vec.WithLabelValues(kind(k).String(), counter, result)
			}
		}
	}
	return m
}

func (l *Limiter) counted(o outcome, where mode) outcome {
	result := 0
	if o.refused {
		result = 1
	}
	l.metrics.decisions[o.budget.kind][where][result].Inc()
	return o
}
