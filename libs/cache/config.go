package cache

import (
	"errors"
	"fmt"
	"net"
	"time"
)

// Config of the connection to Valkey.
type Config struct {
	// Nodes as host:port; one is a single server, several are a cluster.
	Nodes []string `key:"nodes" env:"VALKEY_CACHE_NODES,VALLEY_CACHE_NODES" doc:"Valkey nodes as host:port; one is a single server, several are a cluster"`
	// TTL is the default life of cached answers.
	TTL time.Duration `key:"ttl" env:"CACHE_TTL" unit:"s" doc:"default life of cached answers"`
	// Username and Password for Valkey; empty means none.
	Username string `key:"username" doc:"user at Valkey"`
	Password string `key:"password" env:"REDIS_PASSWORD" secret:"true" doc:"password at Valkey"`
	// DB is the number of the database on a single server.
	DB int `key:"db" doc:"database number on a single server"`
	// Timeout bounds each operation.
	Timeout time.Duration `key:"timeout" unit:"ms" doc:"longest wait for one operation"`
	// Retry is how often an absent Valkey is tried again, and a present one
	// asked for a sign of life.
	Retry time.Duration `key:"retry" unit:"s" doc:"how often an absent Valkey is tried again"`
	// Near is how long Valkey.GetNear may answer from this process; 0 turns
	// client-side caching off.
	Near time.Duration `key:"near" unit:"s" doc:"life of values kept in the process by client-side caching; 0 is off"`
}

// Defaults returns a configuration for one Valkey on this machine.
func Defaults() Config {
	return Config{Nodes: []string{"localhost:6379"}, TTL: 300 * time.Second,
		Timeout: 250 * time.Millisecond, Retry: 5 * time.Second}
}

// Validate names every fault of the configuration at once.
func (c Config) Validate() error {
	var faults []error
	if len(c.Nodes) == 0 {
		faults = append(faults, errors.New("nodes: at least one is needed"))
	}
	for _, node := range c.Nodes {
		if _, port, err := net.SplitHostPort(node); err != nil || port == "" {
			faults = append(faults, fmt.Errorf("nodes: %q is not host:port", node))
		}
	}
	if c.TTL < time.Second {
		faults = append(faults, errors.New("ttl: must be at least 1 s"))
	}
	if c.Timeout <= 0 || c.Retry <= 0 {
		faults = append(faults, errors.New("timeout, retry: must be positive"))
	}
	if c.DB < 0 || c.DB > 0 && len(c.Nodes) > 1 {
		faults = append(faults, errors.New("db: must not be negative, and a cluster has only 0"))
	}
	if c.Near < 0 {
		faults = append(faults, errors.New("near: must not be negative"))
	}
	return errors.Join(faults...)
}
