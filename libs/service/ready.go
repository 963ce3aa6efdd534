package service

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

// Part is one thing that readiness looks at.
type Part struct {
	// Name of the part.
	Name string `json:"name"`
	// Status is healthy, degraded or unhealthy.
	Status string `json:"status"`
	// Critical parts decide whether the service is ready.
	Critical bool `json:"critical"`
	// LatencyMillis of the newest check.
	LatencyMillis float64 `json:"latency_ms"`
	// Error of the newest check, empty when it was good.
	Error string `json:"error,omitempty"`
	// LastError that was ever seen and when; kept after the part healed.
	LastError string     `json:"last_error,omitempty"`
	LastAt    *time.Time `json:"last_error_at,omitempty"`
}

// The statuses of a part.
const (
	Healthy   = "healthy"
	Degraded  = "degraded"
	Unhealthy = "unhealthy"
)

const (
	// checkTimeout bounds one check of one part.
	checkTimeout = 2 * time.Second
	// checkAge is how long a verdict is used again: anybody may ask.
	checkAge = time.Second
)

// checks holds the parts; it runs them together and remembers the verdict for
// a moment.
type checks struct {
	mu    sync.Mutex
	parts []*part
	taken time.Time
	last  []Part
}

type part struct {
	Part
	run func(ctx context.Context) error
}

// Check adds a part to readiness. A critical part that fails makes /readyz
// answer 503; any other is listed as degraded.
func (s *Server) Check(name string, critical bool, check func(ctx context.Context) error) {
	s.checks.mu.Lock()
	defer s.checks.mu.Unlock()
	s.checks.parts = append(s.checks.parts, &part{Part{Name: name, Critical: critical}, check})
}

// examine returns the parts by name.
func (c *checks) examine(ctx context.Context) []Part {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.taken) < checkAge {
		return c.last
	}
	// One asker's impatience must not become everybody's verdict.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkTimeout)
	defer cancel()
	var wg sync.WaitGroup
	for _, p := range c.parts {
		wg.Go(func() { p.examine(ctx) })
	}
	wg.Wait()
	c.last = nil
	for _, p := range c.parts {
		c.last = append(c.last, p.Part)
	}
	slices.SortFunc(c.last, func(a, b Part) int { return strings.Compare(a.Name, b.Name) })
	c.taken = time.Now()
	return c.last
}

func (p *part) examine(ctx context.Context) {
	start := time.Now()
	err := p.run(ctx)
	p.LatencyMillis = float64(time.Since(start).Microseconds()) / 1000
	p.Status, p.Error = Healthy, ""
	if err == nil {
		return
	}
	p.Status, p.Error = Degraded, err.Error()
	if p.Critical {
		p.Status = Unhealthy
	}
	at := time.Now().UTC()
	p.LastError, p.LastAt = p.Error, &at
}

// Readiness is what /readyz says.
type Readiness struct {
	// Ready tells whether the service can do its work.
	Ready bool `json:"ready"`
	// Status is healthy, degraded, unhealthy, starting or draining.
	Status string `json:"status"`
	// Service and Version say who answers.
	Service string `json:"service"`
	Version string `json:"version"`
	// Config tells which configuration is in force.
	Config ConfigStatus `json:"config"`
	// Parts by name.
	Parts []Part `json:"parts"`
}

// ConfigStatus tells which configuration is in force.
type ConfigStatus struct {
	// File that was read and when.
	File   string    `json:"file,omitempty"`
	Loaded time.Time `json:"loaded"`
	// Error of the newest reload; the older configuration is then in force.
	Error string `json:"error,omitempty"`
	// Restart lists keys whose new value waits for a restart.
	Restart []string `json:"needs_restart,omitempty"`
}

// The phases of a service.
const (
	starting int32 = iota
	serving
	draining
)

// Readiness examines all parts, or repeats the verdict of a moment ago.
func (s *Server) Readiness(ctx context.Context) Readiness {
	r := Readiness{Service: s.Name, Version: s.Build.Version, Config: s.configStatus(), Parts: s.checks.examine(ctx)}
	r.Status = overall(s.state.Load(), r.Parts)
	r.Ready = usable(r.Status)
	return r
}

// overall is the phase of a service that does not serve, else its worst part.
func overall(phase int32, parts []Part) string {
	switch phase {
	case starting:
		return "starting"
	case draining:
		return "draining"
	}
	ranks, worst := []string{Healthy, Degraded, Unhealthy}, 0
	for _, p := range parts {
		worst = max(worst, slices.Index(ranks, p.Status))
	}
	return ranks[worst]
}

func usable(status string) bool { return status == Healthy || status == Degraded }

func (s *Server) configStatus() ConfigStatus {
	st := s.status()
	out := ConfigStatus{File: st.File, Loaded: st.Loaded.UTC(), Restart: st.Restart}
	if st.Err != nil {
		out.Error = st.Err.Error()
	}
	return out
}
