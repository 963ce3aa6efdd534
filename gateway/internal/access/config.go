package access

import (
	"errors"

	"github.com/platformbuilds/mirador-core/libs/identity"
)

// Config is the `auth.rbac` section.
type Config struct {
	// Enabled makes roles count; off gives every identity all rights within
	// its tenant and is for development only.
	Enabled bool `key:"enabled" env:"RBAC_ENABLED" doc:"roles decide; off gives everybody all rights within the tenant, for development only"`
	// AdminRole is one more name of the role that may do everything.
	AdminRole string `key:"admin_role" doc:"one more name of the role that may do everything"`
}

// DefaultConfig returns the contract's defaults.
func DefaultConfig() Config {
	return Config{Enabled: true, AdminRole: "mirador-admin"}
}

// Validate implements the configuration's check.
func (c Config) Validate() error {
	if c.AdminRole == "" {
		return errors.New("admin_role: must be given")
	}
	return nil
}

// New returns the table of the built-in roles.
func New(cfg Config) *Table {
	t := NewTable(identity.BuiltIn(cfg.AdminRole)...)
	t.open = !cfg.Enabled
	return t
}
