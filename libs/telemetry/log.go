package telemetry

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/libs/identity"
)

// LevelFatal is above every level that is logged.
const LevelFatal = slog.Level(12)

// NewLogger writes JSON lines with the keys level, timestamp, caller and
// message, and adds request id, trace id and tenant of the context.
func NewLogger(w io.Writer, level slog.Leveler, component string) *slog.Logger {
	json := slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, AddSource: true, ReplaceAttr: rename})
	return slog.New(&contextHandler{json}).With("component", component)
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
			a.Value = slog.StringValue(strings.ToLower(level.String()))
		}
	case slog.SourceKey:
		if source, ok := a.Value.Any().(*slog.Source); ok {
			return slog.String("caller", caller(source))
		}
	}
	return a
}

// caller is "folder/file.go:line", enough to find it and free of build paths.
func caller(s *slog.Source) string {
	dir, file := filepath.Split(s.File)
	return filepath.Base(dir) + "/" + file + ":" + strconv.Itoa(s.Line)
}

// contextHandler adds what the context knows about the request.
type contextHandler struct{ slog.Handler }

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
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h *contextHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &contextHandler{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h *contextHandler) WithGroup(name string) slog.Handler {
	return &contextHandler{h.Handler.WithGroup(name)}
}
