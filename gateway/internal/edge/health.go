package edge

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/platformbuilds/mirador-core/libs/service"
)

// Contract is the version of the wire contract that health answers name. It
// says nothing about the build.
const (
	Contract    = "v2.1.3"
	serviceName = "mirador-core"
)

// Health tells the state of the process and its parts; service.Server is one.
type Health interface {
	Readiness(ctx context.Context) service.Readiness
}

// statusOf is the contract's shape of health answers.
type statusOf struct {
	Status    string           `json:"status"`
	Service   string           `json:"service"`
	Version   string           `json:"version"`
	Timestamp time.Time        `json:"timestamp"`
	Error     string           `json:"error,omitempty"`
	Checks    map[string]check `json:"checks,omitempty"`
}

type check struct {
	Status string `json:"status"`
	Error  string `json:"error,omitempty"`
}

func (e *Edge) statusOf(status string) statusOf {
	return statusOf{Status: status, Service: serviceName, Version: Contract, Timestamp: e.parts.Now().UTC()}
}

// health says that the process answers.
func (e *Edge) health(x *exchange) error {
	return reply(x, 200, e.statusOf(service.Healthy))
}

// ready is 503 only at start, while draining, and while no query service is
// reachable; parts that are merely degraded do not show.
func (e *Edge) ready(x *exchange) error {
	r := e.parts.Health.Readiness(x.ctx)
	if r.Ready {
		return reply(x, 200, e.statusOf(service.Healthy))
	}
	s := e.statusOf(service.Unhealthy)
	s.Error = reason(r)
	return reply(x, 503, s)
}

// reason names the part in the way, without its error: that may hold an
// address.
func reason(r service.Readiness) string {
	for _, p := range r.Parts {
		if p.Status == service.Unhealthy {
			return p.Name + " is not reachable"
		}
	}
	return "the gateway is " + r.Status
}

func (e *Edge) livez(x *exchange) error {
	return x.body(200, "text/plain; charset=utf-8", []byte("ok\n"))
}

// readyz lists the parts with ?verbose. Errors of parts are for signed-in
// callers only; strangers get names, states and latencies.
func (e *Edge) readyz(x *exchange) error {
	r := e.parts.Health.Readiness(x.ctx)
	status := 503
	if r.Ready {
		status = 200
	}
	if !x.req.QueryArgs().Has("verbose") {
		return reply(x, status, map[string]string{"status": r.Status})
	}
	if x.source == none || e.identify(x) != nil {
		r = stranger(r)
	}
	return reply(x, status, r)
}

// stranger is what everybody may know of a readiness.
func stranger(r service.Readiness) service.Readiness {
	out := service.Readiness{Ready: r.Ready, Status: r.Status, Service: r.Service}
	out.Config.Loaded = r.Config.Loaded
	for _, p := range r.Parts {
		out.Parts = append(out.Parts, service.Part{Name: p.Name, Status: p.Status, Critical: p.Critical, LatencyMillis: p.LatencyMillis})
	}
	return out
}

// status answers the contract's /microservices/status: always 200, every part
// of this build by name, and the contract's parts that it has not as disabled.
func (e *Edge) status(x *exchange) error {
	r := e.parts.Health.Readiness(x.ctx)
	out := e.statusOf(service.Healthy)
	if !r.Ready {
		out.Status = service.Unhealthy
	}
	out.Checks = map[string]check{}
	for _, name := range contractParts() {
		out.Checks[name] = check{Status: "disabled"}
	}
	for _, p := range r.Parts {
		out.Checks[p.Name] = check{p.Status, p.Error}
	}
	return reply(x, 200, out)
}

func contractParts() []string {
	return []string{"victoria_metrics", "victoria_logs", "victoria_traces", "predict_engine", "rca_engine", "alert_engine"}
}

// reply answers with a value as JSON.
func reply(x *exchange, status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	return x.json(status, body)
}
