package shop

import (
	"math"
	"time"
)

// symptom is what trouble looks like from outside a service.
type symptom struct {
	delay    float64 // extra seconds of a median answer
	errors   float64 // share of answers that fail
	cpu      float64 // extra cores in use
	pressure float64 // how full the queue is, 0 to 1
}

func (a symptom) plus(b symptom) symptom {
	return symptom{
		delay:    a.delay + b.delay,
		errors:   1 - (1-a.errors)*(1-b.errors),
		cpu:      a.cpu + b.cpu,
		pressure: math.Min(1, a.pressure+b.pressure),
	}
}

// own is what the incidents do to the service they strike.
func (s *Shop) own(service Service, t time.Time) symptom {
	var sum symptom
	for _, i := range s.Incidents {
		if i.Service == service.Name {
			sum = sum.plus(i.symptom(service, t))
		}
	}
	return sum
}

func (i Incident) symptom(service Service, t time.Time) symptom {
	bad := i.Severity(t)
	switch i.Kind {
	case DatabaseLatency:
		return symptom{delay: bad * math.Max(.12, 110*service.Latency), errors: .04 * bad, cpu: .1 * bad}
	case MemoryLeak:
		return i.leaking(service, t)
	case BadDeploy:
		return symptom{delay: .3 * bad * service.Latency, errors: .35 * bad}
	case QueueBackup:
		return symptom{delay: 6 * bad * service.Latency, pressure: bad}
	case CPUSaturation:
		return symptom{delay: 8 * bad * service.Latency, errors: .05 * bad, cpu: .95 * bad}
	}
	return symptom{}
}

// tightFrom is the share of lost memory from which the collector struggles.
const tightFrom = .6

// leaking is felt only when the collector has hardly any room left, and once
// more when the killed instance is away.
func (i Incident) leaking(service Service, t time.Time) symptom {
	if i.down(t) {
		return symptom{errors: .5 / float64(service.Instances)}
	}
	tight := smooth((i.leak(t) - tightFrom) / (1 - tightFrom))
	return symptom{delay: 5 * tight * service.Latency, errors: .02 * tight, cpu: .4 * tight}
}

// trouble is what a service shows at t: its own and, later and weaker, that
// of the services it waits for.
func (s *Shop) trouble(service Service, t time.Time) symptom {
	sum := s.own(service, t)
	for _, e := range s.called[service.Name] {
		callee, _ := s.Service(e.To)
		sum = sum.plus(e.passOn(s.trouble(callee, t.Add(-s.lags[e]))))
	}
	return sum
}

// passOn is how the trouble of the called service shows in the caller.
func (e Edge) passOn(callee symptom) symptom {
	if e.Async {
		return symptom{delay: .15 * callee.pressure}
	}
	return symptom{delay: e.Calls * callee.delay, errors: math.Min(1, e.Calls) * callee.errors}
}

// calm says that nothing of any incident can be seen at t.
func (s *Shop) calm(t time.Time) bool {
	for _, i := range s.Incidents {
		if t.After(i.Start) && t.Before(i.End.Add(aftermath)) {
			return false
		}
	}
	return true
}

// aftermath is longer than any ramp and any chain of lags.
const aftermath = 10 * time.Minute
