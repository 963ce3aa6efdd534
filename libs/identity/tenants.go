package identity

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// Tenant is one entry of the configuration's `tenants`.
type Tenant struct {
	// Name in identities; at most 64 of A-Z a-z 0-9 . _ -.
	Name string
	// ID is "<account>" or "<account>:<project>", two 32-bit numbers. It may
	// be empty when Name is a number, which is then the account.
	ID string
	// RequestsPerMinute of the whole tenant; 0 means the server's default.
	RequestsPerMinute int
}

// Ref is where a tenant's data lies in the back ends.
type Ref struct {
	Account, Project uint32
}

// Tenants maps tenant names to back-end ids. It is immutable.
type Tenants struct {
	refs map[string]Ref
	list []Tenant
}

var tenantName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// NewTenants checks the list: well-formed, no name twice, no id shared by two
// names, since two tenants would see each other's data.
func NewTenants(list []Tenant) (*Tenants, error) {
	t := &Tenants{refs: make(map[string]Ref, len(list)), list: list}
	owners := map[Ref]string{}
	var faults []error
	for _, entry := range list {
		ref, err := entry.ref()
		if err == nil {
			err = t.claim(entry.Name, ref, owners)
		}
		faults = append(faults, err)
	}
	return t, errors.Join(faults...)
}

func (t *Tenants) claim(name string, ref Ref, owners map[Ref]string) error {
	if _, ok := t.refs[name]; ok {
		return fmt.Errorf("tenants: %q is listed twice", name)
	}
	if other, ok := owners[ref]; ok {
		return fmt.Errorf("tenants: %q and %q share the id %d:%d", other, name, ref.Account, ref.Project)
	}
	owners[ref], t.refs[name] = name, ref
	return nil
}

// Lookup gives the back-end ids of a tenant, or a fault: without a mapping
// there is no query, never a fall-back.
func (t *Tenants) Lookup(name string) (Ref, error) {
	ref, ok := t.refs[name]
	if !ok {
		return Ref{}, fault.New(fault.CodeTenantRequired, "Tenant context required").
			WithDetail("the tenant of your identity is not configured on this server")
	}
	return ref, nil
}

// List gives the configured tenants in their order.
func (t *Tenants) List() []Tenant { return t.list }

func (e Tenant) ref() (Ref, error) {
	if !tenantName.MatchString(e.Name) {
		return Ref{}, fmt.Errorf("tenants: name %q must match %s", e.Name, tenantName)
	}
	id := e.ID
	if id == "" {
		id = e.Name
	}
	account, project, _ := strings.Cut(id, ":")
	ref, err := parseRef(account, project)
	if err != nil {
		return Ref{}, fmt.Errorf("tenants: %q needs an id of the form <account>[:<project>], two 32-bit numbers", e.Name)
	}
	return ref, nil
}

func parseRef(account, project string) (Ref, error) {
	if project == "" {
		project = "0"
	}
	a, errA := strconv.ParseUint(account, 10, 32)
	p, errP := strconv.ParseUint(project, 10, 32)
	return Ref{Account: uint32(a), Project: uint32(p)}, errors.Join(errA, errP)
}
