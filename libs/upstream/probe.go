package upstream

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	// probeTimeout is how long an endpoint may take to say that it is alive.
	probeTimeout = time.Second
	// reviveEvery is how often ejected endpoints are looked at.
	reviveEvery = 100 * time.Millisecond
)

// probeLock makes calls that wait for the same endpoint share one probe.
type probeLock struct {
	mu sync.Mutex
	// asked is when the last probe began, alive what it found.
	asked time.Time
	alive error
}

// suspicion watches one call that waits for its answer. A query may be slow,
// but its endpoint still answers a probe; one that does not is dead, and the
// calls that wait for it are better off elsewhere.
type suspicion struct {
	timer *time.Timer
	mu    sync.Mutex
	over  bool
}

func (p *Pool) suspect(ctx context.Context, e *endpoint, cut context.CancelCauseFunc) *suspicion {
	s := &suspicion{}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timer = time.AfterFunc(p.cfg.SuspectAfter, func() { p.examine(ctx, e, cut, s) })
	return s
}

// stop ends the watch. A probe on its way ends by itself and cuts nothing.
func (s *suspicion) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	s.timer.Stop()
}

func (p *Pool) examine(ctx context.Context, e *endpoint, cut context.CancelCauseFunc, s *suspicion) {
	err := p.ask(e)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.over || ctx.Err() != nil:
	case err != nil:
		cut(fmt.Errorf("%w: %w", errDead, err))
	default:
		s.timer.Reset(p.cfg.SuspectAfter)
	}
}

// ask probes the endpoint, unless somebody did so since this call wanted to.
func (p *Pool) ask(e *endpoint) error {
	wanted := time.Now()
	e.probe.mu.Lock()
	defer e.probe.mu.Unlock()
	if !e.probe.asked.Before(wanted) {
		return e.probe.alive
	}
	e.probe.asked = time.Now()
	e.probe.alive = p.ping(p.life, e)
	return e.probe.alive
}

func (p *Pool) ping(ctx context.Context, e *endpoint) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	req, err := p.request(ctx, e, &Request{Method: http.MethodGet, Target: Target{Path: (&url.URL{Path: p.cfg.ProbePath}).EscapedPath()}})
	if err != nil {
		return err
	}
	res, err := p.transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, 4<<10)
	if res.StatusCode >= 500 {
		return &statusError{status: res.StatusCode}
	}
	return nil
}

// revive probes ejected endpoints at the end of their rest, so that no caller
// has to be the one who finds out.
func (p *Pool) revive(ctx context.Context) {
	for sleep(ctx, reviveEvery) {
		var probes sync.WaitGroup
		for _, e := range *p.endpoints.Load() {
			if e.is() != fit && e.claim(time.Now()) {
				probes.Go(func() { p.reviveOne(ctx, e) })
			}
		}
		probes.Wait()
	}
}

func (p *Pool) reviveOne(ctx context.Context, e *endpoint) {
	if err := p.ping(ctx, e); err != nil {
		e.eject(time.Now(), e.is(), "does not answer its probe")
		return
	}
	e.restore()
	p.deps.Log.Info("endpoint is back", "backend", p.cfg.Name, "endpoint", e.key)
}
