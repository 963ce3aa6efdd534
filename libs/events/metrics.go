package events

import "github.com/prometheus/client_golang/prometheus"

// Reasons for which a message is dropped.
const (
	dropSlow      = "slow_consumer"
	dropMalformed = "malformed"
	dropTenant    = "tenant_mismatch"
	dropFull      = "view_full"
)

type metrics struct {
	published  *prometheus.CounterVec
	received   *prometheus.CounterVec
	dropped    *prometheus.CounterVec
	reconnects prometheus.Counter
	resyncs    *prometheus.CounterVec
	entries    *prometheus.GaugeVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		published: counter("mirador_events_published_total", "Events sent, by kind and result.", "kind", "result"),
		received:  counter("mirador_events_received_total", "Events handed to a subscriber, by kind.", "kind"),
		dropped:   counter("mirador_events_dropped_total", "Messages dropped, by reason.", "reason"),
		resyncs:   counter("mirador_events_view_resyncs_total", "Times a bucket was read anew.", "bucket"),
		entries: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "mirador_events_view_entries", Help: "Entries held in memory, by bucket."}, []string{"bucket"}),
		reconnects: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "mirador_events_reconnects_total", Help: "Times the connection to NATS came back."}),
	}
	if reg != nil {
		reg.MustRegister(m.published, m.received, m.dropped, m.resyncs, m.entries, m.reconnects)
	}
	return m
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}
