package server

import (
	"context"
	"errors"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/timeparam"
	"github.com/platformbuilds/mirador-core/services/logs/internal/logsql"
	"github.com/platformbuilds/mirador-core/services/logs/internal/victorialogs"
	"github.com/platformbuilds/mirador-core/services/logs/internal/window"
)

// texts are the contract's messages of a route.
type texts struct {
	// bad request, failed answer.
	bad, failed string
	// invalid query; empty means that the message says what is wrong with it.
	invalid string
	// at is what the names of members begin with in faults: "/" for a body.
	at string
}

const invalidQuery = "Invalid LogsQL query: "

// call is one question of a tenant on its way.
type call struct {
	texts
	ctx    context.Context
	id     *identity.Identity
	began  time.Time
	server *Server
	leave  func()
	cancel context.CancelFunc
}

// begin lets the call of the context's tenant in. It must be ended.
func (s *Server) begin(ctx context.Context, t texts, timeout string) (*call, error) {
	id, err := identity.Require(ctx)
	if err != nil {
		return nil, err
	}
	limit := s.Limits.Timeout
	if timeout != "" {
		d, err := timeparam.Duration(t.at+"timeout", timeout)
		if err != nil {
			return nil, rename(err, t.bad)
		}
		limit = min(limit, max(d, time.Millisecond))
	}
	leave, err := s.gate.Enter(t.failed, id.Tenant, s.Limits.Concurrent)
	if err != nil {
		return nil, err
	}
	c := &call{texts: t, id: id, began: s.Now(), server: s, leave: leave}
	c.ctx, c.cancel = context.WithTimeout(ctx, limit)
	return c, nil
}

// end gives the place of the call back and tells how long it took.
func (c *call) end() {
	c.cancel()
	c.leave()
	c.server.Observe("logsql", c.id.Tenant, c.took())
}

func (c *call) took() time.Duration { return c.server.Now().Sub(c.began) }

// check judges a query; an empty one means every row.
func (c *call) check(query string) (logsql.Checked, error) {
	if query == "" {
		query = "*"
	}
	q, err := logsql.Check(query, logsql.Limits{MaxBytes: c.server.Limits.QueryBytes, Scoped: victorialogs.Scoped(c.id)})
	if err != nil {
		return q, c.misread(err)
	}
	return q, nil
}

// misread is the fault of a query that the guard refused.
func (c *call) misread(err error) error {
	var e *logsql.Error
	if !errors.As(err, &e) {
		return err
	}
	code := fault.CodeQueryInvalid
	if e.TooLong {
		code = fault.CodeQueryTooLong
	}
	f := fault.New(code, c.invalidMessage(e.Message)).WithDetail("%s", e.Error()).WithField(c.at+"query", "%s", e.Error())
	if e.Hint != "" {
		f = f.WithSuggestion("%s", e.Hint)
	}
	if e.TooLong {
		return f
	}
	return f.WithExtra("position", map[string]any{"offset": float64(e.Position.Offset),
		"line": float64(e.Position.Line), "column": float64(e.Position.Column)})
}

func (c *call) invalidMessage(why string) string {
	if c.invalid != "" {
		return c.invalid
	}
	return invalidQuery + why
}

// window reads the window of the call.
func (c *call) window(start, end string, r window.Rules) (window.Window, error) {
	r.Longest = c.server.Limits.Range
	w, err := window.Parse(start, end, c.began, r)
	if err != nil {
		return w, rename(err, c.bad)
	}
	return w, nil
}

// failure gives a fault of the back end the contract's message. What is wrong
// with the query itself is said in the message, as clients know it.
func (c *call) failure(err error) error {
	if err == nil {
		return nil
	}
	f := fault.From(err)
	switch f.Code {
	case fault.CodeQueryInvalid:
		return rename(f.WithField(c.at+"query", "%s", f.Detail), c.invalidMessage(f.Detail))
	case fault.CodeBusy, fault.CodeAccessDenied, fault.CodeTenantRequired, fault.CodeInvalidRequest, fault.CodeCanceled, fault.CodeNotFound:
		return err
	}
	return rename(f, c.failed)
}

// rename gives a fault another message.
func rename(err error, message string) error {
	f := *fault.From(err)
	f.Message = message
	if f.Detail == "" && len(f.Fields) > 0 {
		f.Detail = f.Fields[0].Pointer + ": " + f.Fields[0].Detail
	}
	return &f
}
