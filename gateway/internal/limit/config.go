// Package limit counts requests against the budgets of tenants, users and
// addresses. Counting is atomic in Valkey over all gateways; each gateway
// leases a small block of a budget at a time, so that most requests need no
// round trip. Without Valkey each gateway holds its own share of the limit.
package limit

import (
	"errors"
	"time"
)

// Window of every budget: whole minutes of the clock.
const Window = time.Minute

// Config of the limits. The unit is the cost of a route; most cost 1.
type Config struct {
	// RequestsPerMinute of a tenant without a limit of its own.
	RequestsPerMinute int `key:"requests_per_minute" reload:"true" doc:"request units a minute of a tenant without a limit of its own"`
	// UserRequestsPerMinute of a user; 0 means as much as the tenant has.
	UserRequestsPerMinute int `key:"user_requests_per_minute" reload:"true" doc:"request units a minute of a user; 0 means as much as the tenant has"`
	// AddressRequestsPerMinute before a credential is checked.
	AddressRequestsPerMinute int `key:"address_requests_per_minute" reload:"true" doc:"requests a minute of one address, counted before the credential is checked"`
	// Replicas of the gateway: without Valkey each holds limit/replicas.
	Replicas int `key:"replicas" doc:"number of gateways; without Valkey each holds its share of the limits"`
}

// Defaults returns the contract's limits.
func Defaults() Config {
	return Config{RequestsPerMinute: 1000, AddressRequestsPerMinute: 60_000, Replicas: 1}
}

// Validate names every fault of the configuration at once.
func (c Config) Validate() error {
	var faults []error
	if c.RequestsPerMinute < 1 {
		faults = append(faults, errors.New("requests_per_minute: must be at least 1"))
	}
	if c.UserRequestsPerMinute < 0 {
		faults = append(faults, errors.New("user_requests_per_minute: must not be negative"))
	}
	if c.AddressRequestsPerMinute < 1 {
		faults = append(faults, errors.New("address_requests_per_minute: must be at least 1"))
	}
	if c.Replicas < 1 {
		faults = append(faults, errors.New("replicas: must be at least 1"))
	}
	return errors.Join(faults...)
}
