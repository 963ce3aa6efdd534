package main

import (
	"errors"
	"time"

	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/service"
	"github.com/platformbuilds/mirador-core/libs/upstream"
	"github.com/platformbuilds/mirador-core/services/traces/internal/reading"
)

// Config of the traces service.
type Config struct {
	service.Config
	// Backend holds the spans.
	Backend BackendConfig `key:"database.victoria_traces"`
	// NATS carries revocations.
	NATS events.Config `key:"nats"`
	// Traces is the service's own section.
	Traces TracesConfig `key:"traces"`
}

// BackendConfig says where the back end is.
type BackendConfig struct {
	// Endpoints are base URLs.
	Endpoints []string `key:"endpoints" env:"VT_ENDPOINTS" doc:"base URLs of VictoriaTraces"`
	// Password for the username.
	Password string `key:"password" env:"VM_PASSWORD" secret:"true" doc:"password at the back end"`
	upstream.Options
}

func (c BackendConfig) pool() upstream.Config {
	return upstream.Config{Name: "traces", Endpoints: c.Endpoints, Password: c.Password, Options: c.Options}
}

// Validate names every fault at once.
func (c BackendConfig) Validate() error { return c.pool().Validate() }

// TracesConfig holds the limits of trace queries.
type TracesConfig struct {
	// Endpoint is for those who call this service.
	Endpoint string `key:"endpoint" doc:"traces service as host:port, for those who call it"`
	// Timeout is the longest time for one query.
	Timeout time.Duration `key:"timeout" unit:"s" doc:"longest time for one query; a client may ask for less"`
	// ListTTL is how long the lists of services and operations live in a cache.
	ListTTL time.Duration `key:"list_ttl" unit:"s" doc:"how long lists of services and operations are cached; 0 turns it off"`
	// MaxSpans bounds one trace.
	MaxSpans int `key:"max_spans" doc:"most spans of one trace that are looked at"`
	// MaxRange bounds the window of a search.
	MaxRange time.Duration `key:"max_range" unit:"h" doc:"longest window of a search"`
	// MaxConcurrent bounds the queries of one tenant.
	MaxConcurrent int `key:"max_concurrent" doc:"queries of one tenant that ask the back end at one time"`
}

// Validate names every fault of the service's own section.
func (c TracesConfig) Validate() error {
	if c.Timeout <= 0 || c.ListTTL < 0 || c.MaxSpans <= 0 || c.MaxRange <= 0 || c.MaxConcurrent <= 0 {
		return errors.New("timeout and limits must be positive, list_ttl not negative")
	}
	return nil
}

func (c TracesConfig) limits() reading.Limits {
	return reading.Limits{Timeout: c.Timeout, ListTTL: c.ListTTL, MaxSpans: c.MaxSpans, MaxRange: c.MaxRange, MaxConcurrent: c.MaxConcurrent}
}

// maxAnswer lets a trace of 200,000 spans pass.
const maxAnswer = 256 << 20

// defaults returns a full, runnable configuration on loopback.
func defaults() Config {
	options := upstream.DefaultOptions()
	options.MaxAnswerBytes = maxAnswer
	return Config{
		Config:  service.Defaults("127.0.0.1:9103"),
		Backend: BackendConfig{Endpoints: []string{"http://localhost:10428"}, Options: options},
		NATS:    events.Defaults(),
		Traces: TracesConfig{Endpoint: "127.0.0.1:9103", Timeout: 30 * time.Second, ListTTL: 5 * time.Minute, MaxSpans: 200_000,
			MaxRange: 31 * 24 * time.Hour, MaxConcurrent: 64},
	}
}
