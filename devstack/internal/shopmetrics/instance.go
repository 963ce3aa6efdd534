package shopmetrics

import (
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
)

// emit takes one sample; labels are rendered already, without braces.
type emit func(name, labels string, value float64)

// instance keeps the counters of one process; they are lost when it restarts.
type instance struct {
	service shop.Service
	n       int
	labels  string
	started time.Time
	cpu     float64
	routes  []*route
	latency histogram
}

func newInstance(service shop.Service, n int) *instance {
	i := &instance{service: service, n: n, labels: `service="` + service.Name + `",instance="` + service.Instance(n) + `"`}
	for _, r := range service.Routes {
		i.routes = append(i.routes, newRoute(i.labels, r))
	}
	i.latency.label(i.labels)
	return i
}

// record moves the instance on by step and emits its series.
func (i *instance) record(m *shop.Moment, step time.Duration, out emit) {
	v := m.Vitals(i.service, i.n)
	i.restart(v.Started)
	if !v.Up {
		out(up, i.labels, 0)
		return
	}
	i.advance(v, step.Seconds())
	out(up, i.labels, 1)
	i.process(v, out)
	i.answers(out)
}

func (i *instance) restart(started time.Time) {
	if started.Equal(i.started) {
		return
	}
	i.started = started
	i.cpu = 0
	i.latency.reset()
	for _, r := range i.routes {
		r.reset()
	}
}

func (i *instance) advance(v shop.Vitals, seconds float64) {
	i.cpu += v.CPU * seconds
	handled := v.Requests * seconds
	for _, r := range i.routes {
		r.add(handled, v.Errors)
	}
	if len(i.routes) > 0 {
		i.latency.add(handled, v.Latency)
	}
}

func (i *instance) process(v shop.Vitals, out emit) {
	out(cpuSeconds, i.labels, i.cpu)
	out(memory, i.labels, v.Memory)
	out(memoryLimit, i.labels, i.service.Limit)
	out(startTime, i.labels, float64(v.Started.Unix()))
	out(buildInfo, i.labels+`,version="`+v.Version+`"`, 1)
}

func (i *instance) answers(out emit) {
	for _, r := range i.routes {
		r.emit(out)
	}
	if len(i.routes) > 0 {
		i.latency.emit(i.labels, out)
	}
}

// escape makes a text safe inside the quotes of a label value.
func escape(value string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(value)
}
