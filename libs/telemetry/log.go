package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/platformbuilds/mirador-core/libs/identity"
)

// LevelFatal is above every level that is logged.
const LevelFatal = slog.Level(12)

// NewLogger writes JSON lines with the keys level, timestamp, caller and
// message, and adds request id, trace id and tenant of the context. Where w is
// a LogBuffer, lines from warn up are written at once.
func NewLogger(w io.Writer, level slog.Leveler, component string) *slog.Logger {
	json := slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: rename})
	buffer, _ := w.(*LogBuffer)
	return slog.New(&contextHandler{json, &callers{}, buffer}).With("component", component)
}

// ParseLevel reads debug, info, warn, error or fatal.
func ParseLevel(name string) (slog.Level, error) {
	switch strings.ToLower(name) {
	case "debug":
		return slog.LevelDebug, nil
	case "info":
		return slog.LevelInfo, nil
	case "warn", "warning":
		return slog.LevelWarn, nil
	case "error":
		return slog.LevelError, nil
	case "fatal":
		return LevelFatal, nil
	}
	return 0, fmt.Errorf("log level %q is not one of debug, info, warn, error, fatal", name)
}

// rename gives slog's own attributes the contract's names. An attribute of the
// same name that a caller gave has another type and is left alone.
func rename(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	switch a.Key {
	case slog.TimeKey:
		if a.Value.Kind() == slog.KindTime {
			a.Key = "timestamp"
		}
	case slog.MessageKey:
		a.Key = "message"
	case slog.LevelKey:
		if level, ok := a.Value.Any().(slog.Level); ok {
			a.Value = slog.StringValue(levelName(level))
		}
	}
	return a
}

// levelName spares the usual level its way through strings.ToLower.
func levelName(level slog.Level) string {
	if level == slog.LevelInfo {
		return "info"
	}
	return strings.ToLower(level.String())
}

// contextHandler adds where a line comes from, and what the context knows about
// the request.
type contextHandler struct {
	slog.Handler
	callers *callers
	buffer  *LogBuffer
}

// Handle implements slog.Handler.
func (h *contextHandler) Handle(ctx context.Context, r slog.Record) error {
	if id := RequestID(ctx); id != "" {
		r.AddAttrs(slog.String("request_id", id))
	}
	if id := TraceID(ctx); id != "" {
		r.AddAttrs(slog.String("trace_id", id))
	}
	if id, ok := identity.From(ctx); ok {
		r.AddAttrs(slog.String("tenant_id", id.Tenant))
	}
	r.AddAttrs(slog.String("caller", h.callers.of(r.PC)))
	err := h.Handler.Handle(ctx, r)
	if h.buffer != nil && r.Level >= slog.LevelWarn {
		return errors.Join(err, h.buffer.Flush())
	}
	return err
}

// WithAttrs implements slog.Handler.
func (h *contextHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &contextHandler{h.Handler.WithAttrs(attrs), h.callers, h.buffer}
}

// WithGroup implements slog.Handler.
func (h *contextHandler) WithGroup(name string) slog.Handler {
	return &contextHandler{h.Handler.WithGroup(name), h.callers, h.buffer}
}
