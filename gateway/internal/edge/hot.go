package edge

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge/param"
	"github.com/platformbuilds/mirador-core/gateway/internal/relay"
	"github.com/platformbuilds/mirador-core/gateway/internal/transcode/hot"
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/timeparam"
)

// Query answers hot rows; hot.Source is one.
type Query interface {
	Fetch(ctx context.Context, r hot.Request) (*relay.Answer, error)
	Warnings(r hot.Request) []string
}

// hot relays the answer of a hot row: whole when it is small or remembered,
// else as a stream.
func (e *Edge) hot(x *exchange) error {
	r, err := hotRequest(x)
	if err != nil {
		return err
	}
	timeout, err := r.Body.With(r.Query).One("timeout")
	if err != nil {
		return err //nolint:wrapcheck // a fault for the caller
	}
	if err := e.deadline(x, timeout); err != nil {
		return err
	}
	answer, err := e.parts.Query.Fetch(x.ctx, r)
	if err != nil {
		return late(err, "the query service")
	}
	x.warn(e.parts.Query.Warnings(r))
	x.provenance(answer)
	x.req.Response.Header.SetContentType(answer.ContentType)
	if body, whole := answer.Whole(); whole {
		x.stored = answer.Cache == relay.Hit
		answer.Close()
		return x.body(200, answer.ContentType, x.withWarnings(body))
	}
	e.stream(x, answer)
	return nil
}

func hotRequest(x *exchange) (hot.Request, error) {
	r := hot.Request{Match: x.match, Query: x.in.query, Body: x.in.form}
	if x.in.members != nil {
		if raw, ok := x.in.members["query"]; ok && raw[0] != '"' {
			return r, fault.New(fault.CodeInvalidRequest, badRequest(x.row())).WithField("/query", "must be a text")
		}
		var err error
		if r.Body, err = param.Members(x.in.members); err != nil {
			f := fault.From(err)
			f.Message = badRequest(x.row())
			return r, f
		}
	}
	r.NoCache = bypass(x, r.Query.With(r.Body))
	return r, nil
}

// bypass tells whether the client asked for a fresh answer.
func bypass(x *exchange, s param.Set) bool {
	for _, v := range s.All("nocache") {
		if on, err := strconv.ParseBool(v); err == nil && on {
			return true
		}
	}
	return strings.Contains(strings.ToLower(x.header("Cache-Control")), "no-cache")
}

// shorter is the server's own timeout, or the client's where that is shorter.
func shorter(text string, longest time.Duration) (time.Duration, error) {
	if text == "" {
		return longest, nil
	}
	d, err := timeparam.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fault.New(fault.CodeInvalidTime, "Invalid timeout").
			WithField("timeout", "must be a positive duration such as 10s").WithDetail("timeout must be a positive duration such as 10s")
	}
	return min(d, longest), nil
}

// late names the stage that a deadline passed in.
func late(err error, stage string) error {
	f := fault.From(err)
	if f.Code == fault.CodeTimeout && f.Detail == "" {
		return f.WithDetail("%s did not answer within the timeout", stage)
	}
	return f
}

// provenance says where an answer came from: the contract's X-Cache, and
// Cache-Status (RFC 9211).
func (x *exchange) provenance(a *relay.Answer) {
	if a.Cache == "" {
		return
	}
	x.set("X-Cache", string(a.Cache))
	switch a.Cache {
	case relay.Hit:
		x.set("Cache-Status", fmt.Sprintf("mirador; hit; ttl=%d", int(a.TTL.Seconds())))
		x.set("Age", strconv.Itoa(int(a.Age.Seconds())))
	case relay.Bypass:
		x.set("Cache-Status", "mirador; fwd=bypass")
	case relay.Miss:
		x.set("Cache-Status", "mirador; fwd=miss")
	}
}

// warn notes what was ignored, in a header that every answer can carry.
func (x *exchange) warn(warnings []string) {
	x.warnings = warnings
	for _, w := range warnings {
		x.req.Response.Header.Add("X-Mirador-Warning", instance(strings.ReplaceAll(w, " ", "_")))
	}
}

// withWarnings puts the warnings in front of the members of a JSON object that
// has none of its own.
func (x *exchange) withWarnings(body []byte) []byte {
	if len(x.warnings) == 0 || len(body) < len("{}x") || body[0] != '{' || bytes.Contains(body, []byte(`"warnings"`)) {
		return body
	}
	list, err := json.Marshal(x.warnings)
	if err != nil {
		return body
	}
	x.stored = false
	out := make([]byte, 0, len(body)+len(list)+len(`"warnings":,`))
	out = append(append(append(out, `{"warnings":`...), list...), ',')
	return append(out, body[1:]...)
}
