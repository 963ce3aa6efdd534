// Package account knows who there is: the tenants and the local users that the
// configuration lists. It answers questions and changes nothing.
package account

import (
	"fmt"

	"github.com/platformbuilds/mirador-core/libs/identity"
)

// TenantConfig is one entry of the configuration's `tenants`.
type TenantConfig struct {
	// Name in identities.
	Name string `key:"name" doc:"tenant name in identities"`
	// ID is "<account>[:<project>]" in the back ends.
	ID string `key:"id" doc:"<account>[:<project>] in the back ends; may be empty when the name is a number"`
	// RequestsPerMinute of the whole tenant; 0 means limits.requests_per_minute.
	RequestsPerMinute int `key:"requests_per_minute" doc:"request units a minute of the tenant; 0 means the default"`
	// UserRequestsPerMinute of each user; 0 means limits.user_requests_per_minute.
	UserRequestsPerMinute int `key:"user_requests_per_minute" doc:"request units a minute of each user of the tenant; 0 means the default"`
}

// Tenant is what the gateway knows about one tenant.
type Tenant struct {
	// Name in identities.
	Name string
	// Ref is where its data lies in the back ends.
	Ref identity.Ref
	// RequestsPerMinute and UserRequestsPerMinute; 0 means the server's default.
	RequestsPerMinute, UserRequestsPerMinute int
}

// Tenants is the immutable list of tenants.
type Tenants struct {
	byName map[string]Tenant
	names  []string
}

// NewTenants checks the list by the rules of identity.NewTenants.
func NewTenants(list []TenantConfig) (*Tenants, error) {
	refs, err := identity.NewTenants(identities(list))
	if err != nil {
		return nil, err
	}
	t := &Tenants{byName: make(map[string]Tenant, len(list))}
	for _, c := range list {
		ref, err := refs.Lookup(c.Name)
		if err != nil {
			return nil, fmt.Errorf("tenants: %w", err)
		}
		if c.RequestsPerMinute < 0 || c.UserRequestsPerMinute < 0 {
			return nil, fmt.Errorf("tenants: %q has a negative limit", c.Name)
		}
		t.names = append(t.names, c.Name)
		t.byName[c.Name] = Tenant{c.Name, ref, c.RequestsPerMinute, c.UserRequestsPerMinute}
	}
	return t, nil
}

// Find gives the tenant of that name, if there is one.
func (t *Tenants) Find(name string) (Tenant, bool) {
	tenant, ok := t.byName[name]
	return tenant, ok
}

// Names lists the tenants in the order of the configuration.
func (t *Tenants) Names() []string { return t.names }

func identities(list []TenantConfig) []identity.Tenant {
	out := make([]identity.Tenant, len(list))
	for i, c := range list {
		out[i] = identity.Tenant{Name: c.Name, ID: c.ID, RequestsPerMinute: c.RequestsPerMinute}
	}
	return out
}
