package reading

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/traces/internal/relay"
)

// listTimeout bounds a list: people wait for it before they can ask anything.
const listTimeout = 10 * time.Second

// backend as answers and health name it.
const backend = "victoria_traces"

const degradedList = `{"data":[],"metadata":{"degraded":true,"backend":"` + backend + `"}}`

// Services writes {"data":[name...]}; while the back end is away an empty list
// that says so.
func (s *Service) Services(ctx context.Context, to relay.Stream) error {
	names, err := s.services(ctx)
	return s.list(to, names, err)
}

// Operations writes the operations of a service likewise.
func (s *Service) Operations(ctx context.Context, to relay.Stream, service string) error {
	names, err := s.operations(ctx, service)
	return s.list(to, names, err)
}

func (s *Service) list(to relay.Stream, names []string, err error) error {
	b := relay.NewBody(to)
	if err != nil {
		if !away(err) {
			return err
		}
		b.Degraded(backend)
		return finish(b, degradedList)
	}
	b.Keep(s.Limits.ListTTL)
	raw, err := json.Marshal(map[string][]string{"data": append([]string{}, names...)})
	if err != nil {
		return err
	}
	return finish(b, string(raw))
}

// finish writes the rest of a body and ends it.
func finish(b *relay.Body, text string) error {
	if _, err := b.Write([]byte(text)); err != nil {
		return err
	}
	return b.Close()
}

// services that the caller may see.
func (s *Service) services(ctx context.Context) ([]string, error) {
	c, err := s.begin(ctx, failedServices, min(listTimeout, s.Limits.Timeout), lists)
	if err != nil {
		return nil, err
	}
	defer c.end()
	return s.visible(c)
}

func (s *Service) visible(c *call) ([]string, error) {
	names, err := s.Backend.Services(c.ctx, c.id)
	if err != nil {
		return nil, failed(err, c.message)
	}
	return slices.DeleteFunc(names, func(name string) bool { return !c.scope.Allows(name) }), nil
}

// operations of a service; one that the caller may not see has none.
func (s *Service) operations(ctx context.Context, service string) ([]string, error) {
	if strings.TrimSpace(service) == "" {
		return nil, fault.New(fault.CodeInvalidRequest, needService).WithField("service", "is required")
	}
	c, err := s.begin(ctx, failedOperation, min(listTimeout, s.Limits.Timeout), lists)
	if err != nil {
		return nil, err
	}
	defer c.end()
	if !c.scope.Allows(service) {
		return nil, nil
	}
	names, err := s.Backend.Operations(c.ctx, c.id, service)
	return names, failed(err, c.message)
}
