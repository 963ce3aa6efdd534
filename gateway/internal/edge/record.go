package edge

import (
	"context"
	"log/slog"
	"net/url"
	"strconv"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// finish writes the access log and the metrics of one exchange, once.
func (e *Edge) finish(x *exchange) {
	status := x.req.Response.StatusCode()
	took := e.parts.Now().Sub(x.start)
	x.span.End()
	if x.unwatch != nil {
		x.unwatch()
	}
	x.cancel()
	if x.unguard != nil {
		x.unguard()
	}
	e.tel.HTTP(methodLabel(x.method), x.endpoint(), strconv.Itoa(status), x.tenant(), took)
	level := e.level(x)
	if !e.log.Enabled(x.ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", methodLabel(x.method)), slog.String("path", instance(x.path)), slog.Int("status", status),
		slog.Duration("latency", took), slog.String("client_ip", x.client), slog.String("user_agent", clip(x.header("User-Agent"))),
		slog.Int("content_length", len(x.req.Request.Body())),
		slog.String("referer", withoutQuery(x.header("Referer"))), slog.String("endpoint", x.endpoint()),
	}
	attrs = append(attrs, callerOf(x)...)
	if x.cause != nil {
		attrs = append(attrs, slog.String("error", x.cause.Error()))
	}
	e.log.LogAttrs(context.WithoutCancel(x.ctx), level, "request", attrs...)
}

// level is error for our faults and for the caller's only a note; the polling
// of health routes is kept out of the usual log.
func (e *Edge) level(x *exchange) slog.Level {
	switch {
	case x.cause != nil && fault.From(x.cause).Kind().Ours():
		return slog.LevelError
	case x.row() != nil && x.row().Cost == 0 && x.cause == nil:
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

func callerOf(x *exchange) []slog.Attr {
	id := x.identity()
	if id == nil {
		return nil
	}
	return []slog.Attr{slog.String("user_id", id.User),
		// The session here is a hash; a prefix is enough to find it again.
		slog.String("session_id", id.Session[:min(len(id.Session), 12)])}
}

// methodLabel keeps invented methods out of logs and metrics.
func methodLabel(method string) string {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT":
		return method
	}
	return "other"
}

func clip(text string) string {
	const longest = 256
	return text[:min(len(text), longest)]
}

// withoutQuery drops what may hold a credential of another site.
func withoutQuery(referer string) string {
	if referer == "" {
		return ""
	}
	u, err := url.Parse(referer)
	if err != nil {
		return ""
	}
	u.RawQuery, u.Fragment, u.User = "", "", nil
	return clip(u.String())
}
