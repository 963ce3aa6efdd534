package edge

import (
	"context"
	"slices"
	"strings"

	"github.com/platformbuilds/mirador-core/gateway/internal/relay"
	"github.com/platformbuilds/mirador-core/gateway/internal/transcode/message"
	"github.com/platformbuilds/mirador-core/gateway/internal/transcode/streamed"
)

// Streamed answers rows that stream bytes; streamed.Source is one.
type Streamed interface {
	Fetch(ctx context.Context, r streamed.Request) (*relay.Answer, []string, error)
}

// streamed relays the answer of an RPC that streams: whole when it is small,
// else as it comes. An attachment always comes as a stream, because its
// trailers say whether it is complete.
func (e *Edge) streamed(x *exchange) error {
	timeout, err := x.in.form.With(x.in.query).One("timeout")
	if err != nil {
		return err //nolint:wrapcheck // a fault for the caller
	}
	if err := e.deadline(x, timeout); err != nil {
		return err
	}
	if x.row().Long {
		x.watch(x.cancel)
	}
	answer, warnings, err := e.parts.Streamed.Fetch(x.ctx, streamedRequest(x))
	if err != nil {
		return late(err, stage(x.row().RPC))
	}
	x.warn(slices.Concat(warnings, answer.Warnings))
	x.provenance(answer)
	x.described(answer)
	body, whole := answer.Whole()
	if !whole || answer.Filename != "" {
		e.stream(x, answer)
		return nil
	}
	x.stored = answer.Cache == relay.Hit
	answer.Close()
	if mediaType(answer.ContentType) == jsonType {
		body = x.withWarnings(body)
	}
	return x.body(200, answer.ContentType, body)
}

func streamedRequest(x *exchange) streamed.Request {
	return streamed.Request{Row: x.row(), Source: x.parameters(), Accept: x.header("Accept"),
		NoCache: bypass(x, x.in.query.With(x.in.form))}
}

// parameters of the request, wherever they stood.
func (x *exchange) parameters() message.Source {
	return message.Source{Path: x.match.Params, Query: x.in.query, Form: x.in.form, Members: x.in.members}
}

// described sets the headers that an answer brings besides its body.
func (x *exchange) described(a *relay.Answer) {
	x.req.Response.Header.SetContentType(a.ContentType)
	if len(x.row().Formats) > 0 {
		x.req.Response.Header.Add("Vary", "Accept")
	}
	if a.Degraded != "" {
		x.set("X-Backend-Degraded", instance(a.Degraded))
	}
	if a.Filename != "" {
		x.set("Content-Disposition", "attachment; filename="+filename(a.Filename))
	}
}

// filename keeps what needs no quotes and is no path.
func filename(name string) string {
	return strings.Map(func(r rune) rune {
		alnum := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !alnum && r != '.' && r != '_' && r != '-' {
			return '_'
		}
		return r
	}, name)
}

// stage names the service behind an RPC ("/mirador.logs.v1.LogsService/Query").
func stage(rpc string) string {
	parts := strings.Split(rpc, ".")
	if len(parts) < 3 {
		return "the service"
	}
	return "the " + parts[1] + " service"
}
