package settings

import (
	"fmt"
	"io"
	"strings"
)

// Print writes the settings in force as NAME=value lines, secrets masked.
func (s Settings) Print(w io.Writer) {
	line := func(name string, value any) { _, _ = fmt.Fprintf(w, "%s=%v\n", name, value) }
	line("MIRADOR_RUN_DIR", s.Run)
	line("MIRADOR_BIN_DIR", s.Bin)
	for _, port := range s.Ports {
		line(port.Variable, port.Number)
	}
	line("VM_ENDPOINTS", strings.Join(s.Given.Metrics, ","))
	line("VL_ENDPOINTS", strings.Join(s.Given.Logs, ","))
	line("VT_ENDPOINTS", strings.Join(s.Given.Traces, ","))
	line("VM_USERNAME", s.Username)
	line("VM_PASSWORD", mask(s.Password))
	line("VALKEY_CACHE_NODES", strings.Join(s.Given.Valkey, ","))
	line("NATS_URL", strings.Join(s.Given.NATS, ","))
	line("JWT_SECRET", mask(s.Secret))
	line("DEMO_SEED", s.Seed)
	line("DEMO_HOURS", int(s.History.Hours()))
	line("DEMO_LOG_ROWS", s.BulkRows)
	line("DEMO_RATE_LIMIT", s.Limits.Demo)
	line("DEMO_OTHER_RATE_LIMIT", s.Limits.Other)
}

func mask(secret string) string {
	if secret == "" {
		return ""
	}
	return "********"
}
