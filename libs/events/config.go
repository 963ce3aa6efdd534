package events

import (
	"errors"
	"time"

	"github.com/nats-io/nats.go"
)

// Config of the connection to NATS.
type Config struct {
	// URLs of the servers, such as "nats://127.0.0.1:4222".
	URLs []string `key:"urls" env:"NATS_URLS" doc:"NATS servers"`
	// Username for the servers; empty means none.
	Username string `key:"username" env:"NATS_USERNAME" doc:"user at NATS"`
	// Password of that user.
	Password string `key:"password" env:"NATS_PASSWORD" secret:"true" doc:"password at NATS"`
	// Credentials is the path of a NATS credentials file; empty means none.
	Credentials string `key:"credentials" env:"NATS_CREDENTIALS" doc:"path of a NATS credentials file"`
	// Timeout bounds each request that comes without a nearer deadline.
	Timeout time.Duration `key:"timeout" doc:"longest wait for an answer of NATS"`
	// Replicas of each stream and bucket; 3 in a cluster.
	Replicas int `key:"replicas" env:"NATS_REPLICAS" doc:"copies of each stream and bucket"`
	// PendingMessages and PendingBytes bound what waits in one subscription.
	PendingMessages int `key:"pending_messages" doc:"messages that may wait in one subscription"`
	PendingBytes    int `key:"pending_bytes" doc:"bytes that may wait in one subscription"`
}

// Defaults returns a configuration for one NATS on this machine.
func Defaults() Config {
	return Config{
		URLs:            []string{nats.DefaultURL},
		Timeout:         2 * time.Second,
		Replicas:        1,
		PendingMessages: 8192,
		PendingBytes:    16 << 20,
	}
}

// Validate names every fault of the configuration at once.
func (c Config) Validate() error {
	var faults []error
	if len(c.URLs) == 0 {
		faults = append(faults, errors.New("urls: at least one is needed"))
	}
	if c.Timeout <= 0 {
		faults = append(faults, errors.New("timeout: must be positive"))
	}
	if c.Replicas < 1 || c.Replicas > 5 {
		faults = append(faults, errors.New("replicas: must be 1 to 5"))
	}
	if c.PendingMessages <= 0 || c.PendingBytes <= 0 {
		faults = append(faults, errors.New("pending_messages, pending_bytes: must be positive"))
	}
	return errors.Join(faults...)
}
