package serviceconfig

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"text/template"

	"github.com/platformbuilds/mirador-core/devstack/internal/demo"
	"github.com/platformbuilds/mirador-core/devstack/internal/settings"
)

//go:embed config.yaml.tmpl
var files embed.FS

// Values are what the file depends on.
type Values struct {
	// Ports of the services.
	Ports settings.Ports
	// Valkey is host:port, all others are URLs.
	NATS, Valkey, Metrics, Logs, Traces []string
	// PublicKey verifies identities between services, base64.
	PublicKey string
	// Limits of the tenants.
	Limits settings.Limits
}

// TokenMinutes is how long a token of the demo lives: 30 days, so that the
// printed curl lines work for as long as anybody keeps the window open.
const TokenMinutes = 30 * 24 * 60

// File renders the configuration for all services.
func File(v Values) ([]byte, error) {
	functions := template.FuncMap{"json": inline, "minutes": func() int { return TokenMinutes }, "users": Users, "tenants": demo.Tenants,
		"addr": func(part string) string { return v.Ports.Addr(settings.Part(part)) },
		"port": func(part string) int { return v.Ports.Of(settings.Part(part)) }}
	page, err := template.New("config.yaml.tmpl").Funcs(functions).ParseFS(files, "config.yaml.tmpl")
	if err != nil {
		return nil, fmt.Errorf("parse configuration template: %w", err)
	}
	var b bytes.Buffer
	if err := page.Execute(&b, v); err != nil {
		return nil, fmt.Errorf("render configuration: %w", err)
	}
	return b.Bytes(), nil
}

// inline writes a value as JSON, which is YAML too and always quoted.
func inline(value any) (string, error) {
	text, err := json.Marshal(value)
	return string(text), err
}
