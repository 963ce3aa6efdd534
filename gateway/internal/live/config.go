package live

import (
	"errors"
	"fmt"
	"time"
)

// Config bounds live streams.
type Config struct {
	// Enabled turns live streams on.
	Enabled bool `key:"enabled" doc:"serve WebSockets and server-sent events"`
	// MaxConnections in all, of one tenant and of one user.
	MaxConnections int `key:"max_connections" doc:"most live streams at one time"`
	MaxPerTenant   int `key:"max_per_tenant" doc:"most live streams of one tenant"`
	MaxPerUser     int `key:"max_per_user" doc:"most live streams of one user"`
	// PingInterval of WebSockets; a peer that is silent for two is gone.
	PingInterval time.Duration `key:"ping_interval" unit:"s" doc:"pause between two pings of a WebSocket"`
	// MaxMessageSize of one message of a client, all its fragments together.
	MaxMessageSize int `key:"max_message_size" doc:"largest message of a WebSocket client in bytes"`
}

// Defaults returns the contract's bounds.
func Defaults() Config {
	return Config{Enabled: true, MaxConnections: 1000, MaxPerTenant: 200, MaxPerUser: 20, PingInterval: 30 * time.Second, MaxMessageSize: 64 << 10}
}

// Validate names every fault at once.
func (c Config) Validate() error {
	var faults []error
	for name, n := range map[string]int{"max_connections": c.MaxConnections, "max_per_tenant": c.MaxPerTenant, "max_per_user": c.MaxPerUser} {
		if n < 1 {
			faults = append(faults, fmt.Errorf("websocket.%s: must be at least 1", name))
		}
	}
	const least = 125 // the payload of a control frame
	if c.MaxMessageSize < least {
		faults = append(faults, fmt.Errorf("websocket.max_message_size: must be at least %d", least))
	}
	if c.PingInterval < time.Second {
		faults = append(faults, errors.New("websocket.ping_interval: must be at least 1s"))
	}
	return errors.Join(faults...)
}
