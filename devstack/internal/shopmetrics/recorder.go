package shopmetrics

import (
	"math"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
)

// Recorder walks through the story in equal steps and keeps the counters. The
// same story and steps give the same samples. It is for one goroutine.
type Recorder struct {
	shop      *shop.Shop
	step      time.Duration
	instances []*instance
	queues    map[string]*queue
}

type queue struct {
	published, consumed float64
}

// NewRecorder begins with all counters at zero.
func NewRecorder(story *shop.Shop, step time.Duration) *Recorder {
	r := &Recorder{shop: story, step: step, queues: map[string]*queue{}}
	for _, service := range story.Services() {
		for n := range service.Instances {
			r.instances = append(r.instances, newInstance(service, n))
		}
		if service.Role == shop.Worker {
			r.queues[service.Name] = &queue{}
		}
	}
	return r
}

// Tell goes on with a changed story, for an incident that begins now.
func (r *Recorder) Tell(story *shop.Shop) { r.shop = story }

// Record moves the counters on to t, one step after the last call, and gives
// every sample of that moment to out.
func (r *Recorder) Record(t time.Time, out func(name, labels string, value float64)) {
	m := r.shop.At(t)
	for _, i := range r.instances {
		i.record(m, r.step, out)
	}
	for _, service := range r.shop.Services() {
		r.shared(m, service, out)
	}
}

// shared emits what belongs to a service and to no instance of it.
func (r *Recorder) shared(m *shop.Moment, service shop.Service, out emit) {
	labels := `service="` + service.Name + `"`
	switch service.Role {
	case shop.Worker:
		r.queues[service.Name].record(m, service, r.step, out)
	case shop.Database, shop.Cache:
		out(connections, labels, m.Connections(service))
		out(poolSize, labels, shop.Pool)
	}
}

func (q *queue) record(m *shop.Moment, service shop.Service, step time.Duration, out emit) {
	labels := `service="` + service.Name + `",queue="` + service.Name + `"`
	q.published += m.Arrivals(service) * step.Seconds()
	q.consumed += m.Handled(service) * step.Seconds()
	out(queueDepth, labels, m.Backlog(service))
	out(published, labels, math.Floor(q.published))
	out(consumed, labels, math.Floor(q.consumed))
}
