package telemetry

import "log/slog"

// Secret is a text that never shows up in logs, printed values or JSON;
// convert it to string to use it.
type Secret string

const masked = "********"

// LogValue masks the secret.
func (s Secret) LogValue() slog.Value { return slog.StringValue(masked) }

// String masks the secret.
func (s Secret) String() string { return masked }

// GoString masks the secret.
func (s Secret) GoString() string { return masked }

// MarshalText masks the secret.
func (s Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }
