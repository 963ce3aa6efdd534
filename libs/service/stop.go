package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// closeTimeout bounds goroutines and closers, each, after the calls ended.
const closeTimeout = 10 * time.Second

// shutDown ends everything in the order that hurts nobody: not ready, no new
// calls, calls under way, owned goroutines, what they used in reverse, and
// last the listener that tells how it goes.
func (s *Server) shutDown() error {
	wasServing := s.state.Swap(draining) == serving
	if s.health != nil {
		s.health.Shutdown()
	}
	if wasServing {
		// Load balancers need a moment to see that this one is not ready.
		time.Sleep(s.config.Shutdown.Delay)
	}
	s.drained()
	errs := []error{s.stopListeners(wasServing)}
	if s.grpc != nil {
		// Its workers live from its making on, served or not.
		s.grpc.Stop()
	}
	s.cancel(errStopped)
	errs = append(errs, s.joinGoroutines(), s.closeAll(), s.closeDebug())
	return errors.Join(errs...)
}

func (s *Server) stopListeners(graceful bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), s.config.Shutdown.Timeout)
	defer cancel()
	errs := make([]error, len(s.listeners))
	var wg sync.WaitGroup
	for i, l := range s.listeners {
		wg.Go(func() { errs[i] = l.end(ctx, graceful) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (l *listener) end(ctx context.Context, graceful bool) error {
	if !graceful {
		return l.lis.Close()
	}
	if err := l.stop(ctx); err != nil {
		return fmt.Errorf("stop %s: %w", l.name, err)
	}
	return nil
}

// stopGRPC lets calls end by themselves until the context does.
func (s *Server) stopGRPC(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.grpc.GracefulStop()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	s.Log.Warn("calls under way are cut off")
	s.grpc.Stop()
	<-done
	return nil
}

// joinGoroutines waits for the owned goroutines, whose context has ended.
func (s *Server) joinGoroutines() error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.running.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-time.After(closeTimeout):
		return errors.New("an owned goroutine did not end")
	}
}

func (s *Server) closeAll() error {
	var errs []error
	for _, c := range slices.Backward(s.closers) {
		ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
		if err := c.end(ctx); err != nil {
			errs = append(errs, fmt.Errorf("close %s: %w", c.name, err))
		}
		cancel()
	}
	return errors.Join(errs...)
}

func (s *Server) closeDebug() error {
	if s.debug == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	return s.debug.stop(ctx)
}

// Draining ends when no new calls are taken any more. Calls that would last for
// ever end then, so that the process does not wait for them in vain.
func (s *Server) Draining() context.Context { return s.drain }
