package upstream

import "github.com/prometheus/client_golang/prometheus"

// Results of a request in metrics.
const (
	resultOK     = "ok"
	resultFailed = "failed"
)

// metrics of one pool. Endpoints are bounded by configuration or discovery, so
// their addresses may be label values.
type metrics struct {
	requests *prometheus.CounterVec
	retries  *prometheus.CounterVec
	ejected  *prometheus.GaugeVec
	lookups  *prometheus.CounterVec
}

func newMetrics(pool string, reg prometheus.Registerer) (*metrics, error) {
	labels := prometheus.Labels{"backend": pool}
	counter := func(name, help string, by ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels}, by)
	}
	m := &metrics{
		requests: counter("mirador_upstream_requests_total", "Tries sent to an endpoint, by result.", "endpoint", "result"),
		retries:  counter("mirador_upstream_retries_total", "Tries after the first, by what became of the wish.", "outcome"),
		lookups:  counter("mirador_upstream_lookups_total", "DNS lookups, by result.", "result"),
		ejected: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "mirador_upstream_endpoint_ejected",
			Help: "1 while calls avoid the endpoint.", ConstLabels: labels}, []string{"endpoint"}),
	}
	if reg == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.requests, m.retries, m.lookups, m.ejected} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) endpoint(key string) endpointCounts {
	return endpointCounts{
		ok:      m.requests.WithLabelValues(key, resultOK),
		failed:  m.requests.WithLabelValues(key, resultFailed),
		ejected: m.ejected.WithLabelValues(key),
	}
}

// forget drops the series of an endpoint that is gone, or they would grow with
// every address that DNS ever named.
func (m *metrics) forget(key string) {
	m.requests.DeletePartialMatch(prometheus.Labels{"endpoint": key})
	m.ejected.DeleteLabelValues(key)
}

func (m *metrics) lookup(err error) {
	result := resultOK
	if err != nil {
		result = resultFailed
	}
	m.lookups.WithLabelValues(result).Inc()
}
