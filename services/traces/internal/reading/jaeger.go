package reading

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/traces/internal/relay"
	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

// maxByID is how many traces one search by ids may name.
const maxByID = 20

// JaegerServices writes the services in Jaeger's own shape. Unlike Services it
// fails when the back end is away, as Jaeger does.
func (s *Service) JaegerServices(ctx context.Context, to relay.Stream) error {
	names, err := s.services(ctx)
	if err != nil {
		return err
	}
	return jaegerList(to, names, s.Limits.ListTTL)
}

// JaegerOperations writes the operations of a service in Jaeger's own shape, as
// texts or, on the newer endpoint, as objects. Back ends do not tell the kinds
// of operations apart here, so these are empty.
func (s *Service) JaegerOperations(ctx context.Context, to relay.Stream, service string, objects bool) error {
	names, err := s.operations(ctx, service)
	if err != nil {
		return err
	}
	if !objects {
		return jaegerList(to, names, s.Limits.ListTTL)
	}
	type operation struct {
		Name string `json:"name"`
		Kind string `json:"spanKind"`
	}
	list := make([]operation, len(names))
	for i, name := range names {
		list[i].Name = name
	}
	return jaegerList(to, list, s.Limits.ListTTL)
}

// JaegerDependencies writes the service map as Jaeger's dependencies.
func (s *Service) JaegerDependencies(ctx context.Context, to relay.Stream, start, end string) error {
	g, err := s.ServiceMap(ctx, start, end, "", "")
	if err != nil {
		return err
	}
	type dependency struct {
		Parent string `json:"parent"`
		Child  string `json:"child"`
		Calls  int64  `json:"callCount"`
	}
	list := make([]dependency, len(g.Edges))
	for i, e := range g.Edges {
		list[i] = dependency{e.Source, e.Target, int64(e.Count + 0.5)}
	}
	return jaegerList(to, list, 0)
}

// jaegerList ends a body with a list that may be cached for ttl.
func jaegerList[T any](to relay.Stream, list []T, ttl time.Duration) error {
	raw, err := json.Marshal(append([]T{}, list...))
	if err != nil {
		return err
	}
	b := relay.NewBody(to)
	b.Keep(ttl)
	return finish(b, fmt.Sprintf(`{"data":%s,"total":%d,"limit":0,"offset":0,"errors":null}`, raw, len(list)))
}

// JaegerSearch writes the traces that match in Jaeger's own shape.
func (s *Service) JaegerSearch(ctx context.Context, to relay.Stream, q Query) error {
	c, w, err := s.search(ctx, q, relays)
	if err != nil {
		return err
	}
	defer c.end()
	b := relay.NewBody(to)
	if _, err := b.Write([]byte(jaegerBegin)); err != nil {
		return err
	}
	if _, err := s.copyFound(c, b, w); err != nil {
		return failed(err, c.message)
	}
	return finish(b, jaegerEnd+"}")
}

// JaegerTraces writes the traces with these ids, without those that do not
// exist.
func (s *Service) JaegerTraces(ctx context.Context, to relay.Stream, ids []string) error {
	if len(ids) > maxByID {
		return fault.New(fault.CodeInvalidRequest, badSearch).WithField("traceID", "may be given %d times", maxByID)
	}
	c, err := s.begin(ctx, failedTrace, s.Limits.Timeout, decodes)
	if err != nil {
		return err
	}
	defer c.end()
	b := relay.NewBody(to)
	if _, err := b.Write([]byte(jaegerBegin)); err != nil {
		return err
	}
	if err := s.copyEach(c, b, ids); err != nil {
		return failed(err, c.message)
	}
	return finish(b, jaegerEnd+"}")
}

func (s *Service) copyEach(c *call, b *relay.Body, ids []string) error {
	written := map[string]bool{}
	for _, text := range ids {
		id, err := trace.ParseID("traceID", text)
		if err != nil {
			return err
		}
		if written[id] {
			continue
		}
		if err := s.copyOne(c, b, id, len(written) > 0); err == nil {
			written[id] = true
		} else if fault.From(err).Code != fault.CodeNotFound {
			return err
		}
	}
	return nil
}

func (s *Service) copyOne(c *call, b *relay.Body, id string, more bool) error {
	body, err := s.Backend.Trace(c.ctx, c.id, id)
	if err != nil {
		return err
	}
	defer body.Close()
	found := false
	err = trace.Split(body, c.scope.Keep(), func(raw trace.Raw) error {
		if more || found {
			raw.JSON = append([]byte{','}, raw.JSON...)
		}
		found = true
		_, err := b.Write(raw.JSON)
		return err
	})
	if err == nil && !found {
		return unknown(id)
	}
	return err
}
