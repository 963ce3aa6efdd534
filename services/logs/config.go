package main

import (
	"errors"
	"time"

	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/service"
	"github.com/platformbuilds/mirador-core/libs/upstream"
	"github.com/platformbuilds/mirador-core/services/logs/internal/server"
)

// Config of the logs service.
type Config struct {
	service.Config
	// Backend holds the rows.
	Backend BackendConfig `key:"database.victoria_logs"`
	// NATS carries revocations.
	NATS events.Config `key:"nats"`
	// Logs is the service's own section.
	Logs LogsConfig `key:"logs"`
}

// BackendConfig says where the back end is.
type BackendConfig struct {
	// Endpoints are base URLs.
	Endpoints []string `key:"endpoints" env:"VL_ENDPOINTS" doc:"base URLs of VictoriaLogs"`
	// Password for the username.
	Password string `key:"password" env:"VM_PASSWORD" secret:"true" doc:"password at the back end"`
	upstream.Options
}

func (c BackendConfig) pool() upstream.Config {
	return upstream.Config{Name: "logs", Endpoints: c.Endpoints, Password: c.Password, Options: c.Options}
}

// Validate names every fault at once. Reading ahead would hold back the rows of
// a tail until enough of them have come.
func (c BackendConfig) Validate() error {
	if c.Prefetch != 0 {
		return errors.Join(errors.New("prefetch_bytes: must be 0 for logs, rows are passed on as they come"), c.pool().Validate())
	}
	return c.pool().Validate()
}

// LogsConfig holds the limits of log queries.
type LogsConfig struct {
	// Endpoint is for those who call this service.
	Endpoint string `key:"endpoint" doc:"logs service as host:port, for those who call it"`
	// Timeout is the longest time for one query; exports and tails may last longer.
	Timeout time.Duration `key:"timeout" unit:"s" doc:"longest time for one query; a client may ask for less"`
	// MaxQueryBytes bounds the text of a query.
	MaxQueryBytes int `key:"max_query_bytes" doc:"longest text of a query"`
	// MaxRows bounds the rows of one query; exports have no such bound.
	MaxRows int `key:"max_rows" doc:"most rows that one query returns; exports have no such bound"`
	// MaxRange bounds the window of a query.
	MaxRange time.Duration `key:"max_range" unit:"h" doc:"longest window of a query or export"`
	// MaxTails bounds the tails of one tenant.
	MaxTails int `key:"max_tails" doc:"tails that one tenant may have open at one time on a replica"`
	// MaxConcurrent bounds the queries of one tenant.
	MaxConcurrent int `key:"max_concurrent" doc:"queries of one tenant that ask the back end at one time"`
}

// Validate names every fault of the service's own section.
func (c LogsConfig) Validate() error {
	if c.Timeout <= 0 || c.MaxQueryBytes <= 0 || c.MaxRows <= 0 || c.MaxRange <= 0 || c.MaxTails <= 0 || c.MaxConcurrent <= 0 {
		return errors.New("timeout and limits must be positive")
	}
	return nil
}

func (c LogsConfig) limits() server.Limits {
	return server.Limits{QueryBytes: c.MaxQueryBytes, Rows: c.MaxRows, Range: c.MaxRange, Concurrent: c.MaxConcurrent,
		Tails: c.MaxTails, Timeout: c.Timeout}
}

// defaults returns a full, runnable configuration on loopback.
func defaults() Config {
	backend := upstream.DefaultOptions()
	// The time bounds a whole body, and an export may take long; each call of
	// the service has its own, shorter deadline.
	backend.Timeout, backend.MaxAnswerBytes = time.Hour, 1<<40
	// Reading ahead would keep the first rows, and a tail without rows at all.
	backend.Prefetch = 0
	return Config{
		Config:  service.Defaults("127.0.0.1:9102"),
		Backend: BackendConfig{Endpoints: []string{"http://localhost:9428"}, Options: backend},
		NATS:    events.Defaults(),
		Logs: LogsConfig{Endpoint: "127.0.0.1:9102", Timeout: 30 * time.Second, MaxQueryBytes: 16 << 10, MaxRows: 100_000,
			MaxRange: 366 * 24 * time.Hour, MaxTails: 100, MaxConcurrent: 64},
	}
}
