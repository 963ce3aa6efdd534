package main

import (
	"errors"

	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/service"
	"github.com/platformbuilds/mirador-core/services/schema/internal/weaviate"
)

// Config of the schema service.
type Config struct {
	service.Config
	// NATS keeps the definitions.
	NATS events.Config `key:"nats"`
	// QueryEndpoint, LogsEndpoint and TracesEndpoint are the services that a
	// drift report or a sample asks, host:port.
	QueryEndpoint  string `key:"query.endpoint" env:"QUERY_GRPC" doc:"query service as host:port, for drift reports and samples"`
	LogsEndpoint   string `key:"logs.endpoint" env:"LOGS_GRPC" doc:"logs service as host:port, for drift reports and samples"`
	TracesEndpoint string `key:"traces.endpoint" env:"TRACES_GRPC" doc:"traces service as host:port, for drift reports and samples"`
	// Cache is Valkey, which counts uploads for all replicas together.
	Cache cache.Config `key:"cache"`
	// Weaviate keeps the definitions for reads and searches, where it is enabled.
	Weaviate weaviate.Config `key:"weaviate"`
	// Uploads bounds CSV files of definitions.
	Uploads UploadsConfig `key:"uploads"`
	// Schema bounds what a tenant may keep.
	Schema SchemaConfig `key:"schema"`
}

// UploadsConfig bounds CSV files of definitions.
type UploadsConfig struct {
	service.UploadsConfig
	// BulkPerDay of one kind, tenant and day of UTC.
	BulkPerDay int `key:"bulk_per_day" doc:"most CSV files of one kind that a tenant may upload on one day of UTC"`
}

// Validate checks what the inlined part does not check itself.
func (c UploadsConfig) Validate() error {
	if c.BulkPerDay < 1 {
		return errors.New("bulk_per_day: must be at least 1")
	}
	return nil
}

// SchemaConfig is the service's own section.
type SchemaConfig struct {
	// MaxDefinitions of one tenant, of all kinds together, deleted ones included.
	MaxDefinitions int `key:"max_definitions" doc:"most definitions that one tenant may have, of all kinds together; deleted ones count, since their history is kept"`
}

// defaults returns a runnable configuration on loopback.
func defaults() Config {
	return Config{
		Config:        service.Defaults("127.0.0.1:9104"),
		NATS:          events.Defaults(),
		QueryEndpoint: "127.0.0.1:9101", LogsEndpoint: "127.0.0.1:9102", TracesEndpoint: "127.0.0.1:9103",
		Cache:    cache.Defaults(),
		Weaviate: weaviate.Defaults(),
		Uploads:  UploadsConfig{UploadsConfig: service.UploadsDefaults(), BulkPerDay: 20},
		Schema:   SchemaConfig{MaxDefinitions: 200_000},
	}
}

// Validate names every fault of the service's own section.
func (c SchemaConfig) Validate() error {
	if c.MaxDefinitions < 1 {
		return errors.New("max_definitions: must be at least 1")
	}
	return nil
}

// maxTenants bounds the epochs that are watched: those of the configured
// tenants, and of some that were configured once.
func (c Config) maxTenants() int { return 1000 + 2*len(c.Tenants) }
