package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/identity"
)

var errBroken = errors.New("broken")

func line(t *testing.T, level slog.Leveler, write func(*slog.Logger)) map[string]any {
	t.Helper()
	var out bytes.Buffer
	write(NewLogger(&out, level, "query"))
	if strings.Count(out.String(), "\n") > 1 {
		t.Fatalf("more than one line: %s", out.String())
	}
	if out.Len() == 0 {
		return nil
	}
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	return got
}

func TestLogKeys(t *testing.T) {
	got := line(t, slog.LevelInfo, func(l *slog.Logger) { l.Info("hello", "n", 1) })
	keys := slices.Sorted(maps.Keys(got))
	if want := []string{"caller", "component", "level", "message", "n", "timestamp"}; !slices.Equal(keys, want) {
		t.Errorf("keys %v", keys)
	}
	if got["level"] != "info" || got["message"] != "hello" || !strings.HasPrefix(got["caller"].(string), "telemetry/log_test.go:") {
		t.Errorf("got %v", got)
	}
}

func TestLogCarriesTheRequest(t *testing.T) {
	const trace = "0af7651916cd43dd8448eb211c80319c"
	ctx := WithRequestID(context.Background(), "request-0001")
	ctx = WithTraceparent(ctx, "00-"+trace+"-b7ad6b7169203331-01")
	ctx = identity.Into(ctx, &identity.Identity{Tenant: "demo"})
	got := line(t, slog.LevelInfo, func(l *slog.Logger) { l.With("a", "b").WarnContext(ctx, "hello") })
	if got["request_id"] != "request-0001" || got["trace_id"] != trace || got["tenant_id"] != "demo" || got["a"] != "b" {
		t.Errorf("got %v", got)
	}
}

func TestUserTextStaysInItsField(t *testing.T) {
	evil := "x\",\"level\":\"error\"}\n{\"message\":\"forged\u2028"
	got := line(t, slog.LevelInfo, func(l *slog.Logger) { l.Info("hello", "query", evil) })
	if got["level"] != "info" || got["message"] != "hello" || got["query"] != evil {
		t.Errorf("got %v", got)
	}
}

func TestLevels(t *testing.T) {
	for _, name := range []string{"debug", "info", "warn", "error", "fatal", "WARN"} {
		level, err := ParseLevel(name)
		if err != nil {
			t.Error(err)
		}
		got := line(t, level, func(l *slog.Logger) { l.Warn("x") })
		if (got != nil) != (level <= slog.LevelWarn) {
			t.Errorf("%s: got %v", name, got)
		}
	}
	if _, err := ParseLevel("loud"); err == nil {
		t.Error("loud is a level")
	}
}

func TestSecretNeverShows(t *testing.T) {
	s := Secret("hush")
	asJSON, err := json.Marshal(map[string]any{"s": s})
	if err != nil {
		t.Fatal(err)
	}
	logged := fmt.Sprint(line(t, slog.LevelInfo, func(l *slog.Logger) { l.Info("x", "s", s, "in", struct{ S Secret }{s}) }))
	for _, shown := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %q", s, s, s, s), string(asJSON), logged} {
		if strings.Contains(shown, "hush") {
			t.Errorf("shown: %s", shown)
		}
	}
	if string(s) != "hush" {
		t.Error("the secret is lost")
	}
}
