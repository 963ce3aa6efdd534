// Package access decides whether an identity may use a route. The rule is the
// permission that the route declares; what nobody declared is refused. Roles
// become permissions in one immutable table that is swapped as a whole.
package access

import (
	"slices"
	"strings"
	"sync/atomic"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

// Self is the permission that every signed-in user holds, with or without roles.
const Self = "self"

// Table turns roles into rights. Every replacement gets a new generation, so
// that whoever remembers rights can tell that they are old.
type Table struct {
	current atomic.Pointer[compiled]
	// open gives everybody everything: role checks are switched off.
	open bool
}

type compiled struct {
	roles      *identity.Roles
	list       []identity.Role
	generation uint64
}

// NewTable compiles the roles; later ones replace earlier ones of the same name.
func NewTable(roles ...identity.Role) *Table {
	t := &Table{}
	t.Replace(roles...)
	return t
}

// Replace puts a new set of roles in force, for every request from now on.
func (t *Table) Replace(roles ...identity.Role) {
	for {
		old := t.current.Load()
		next := &compiled{roles: identity.NewRoles(roles...), list: slices.Clone(roles), generation: 1}
		if old != nil {
			next.generation = old.generation + 1
		}
		if t.current.CompareAndSwap(old, next) {
			return
		}
	}
}

// Generation grows with every Replace.
func (t *Table) Generation() uint64 { return t.current.Load().generation }

// Grant gives what the roles allow together, see identity.Roles.
func (t *Table) Grant(roles []string) (permissions []string, scope string) {
	if t.open {
		return []string{identity.Everything}, ""
	}
	return t.current.Load().roles.Grant(roles)
}

// Allow returns nil when the identity may use a route with the declared
// permission, else a fault with the contract's text.
func (t *Table) Allow(id *identity.Identity, permission string) error {
	return t.Explain(id, permission).Err()
}

// Verdict is a decision with its reason.
type Verdict struct {
	// Allowed or not.
	Allowed bool
	// Reason in one sentence.
	Reason string
	// Roles that would do, for a refusal.
	Roles []string

	err *fault.Error
}

// Err is nil when allowed, else the fault for the caller.
func (v Verdict) Err() error {
	if v.err == nil {
		return nil
	}
	return v.err
}

// Explain decides like Allow and says why.
func (t *Table) Explain(id *identity.Identity, permission string) Verdict {
	switch {
	case id == nil || strings.TrimSpace(id.Tenant) == "":
		return refuse("the identity names no tenant", fault.New(fault.CodeTenantRequired, "Tenant context required"))
	case permission == "":
		return refuse("the route declares no permission", fault.New(fault.CodeAccessDenied, "Access denied: insufficient permissions"))
	case permission == Self:
		return Verdict{Allowed: true, Reason: "every signed-in user may"}
	case t.open:
		return Verdict{Allowed: true, Reason: "role checks are switched off"}
	case len(id.Roles) == 0:
		return refuse("the identity holds no roles", fault.New(fault.CodeAccessDenied, "Access denied: no roles assigned"))
	case id.Has(permission):
		return Verdict{Allowed: true, Reason: "a role of the identity holds " + permission}
	}
	return t.insufficient(permission)
}

func (t *Table) insufficient(permission string) Verdict {
	roles := t.Holders(permission)
	v := refuse("no role of the identity holds "+permission,
		fault.New(fault.CodeAccessDenied, "Access denied: insufficient permissions").
			WithDetail("this route needs the permission %q", permission).
			WithExtra("required_roles", roles))
	v.Roles = roles
	return v
}

// Holders lists the roles that hold the permission, by name.
func (t *Table) Holders(permission string) []string {
	c := t.current.Load()
	holders := []string{}
	for _, role := range c.list {
		granted, _ := c.roles.Grant([]string{role.Name})
		if slices.Contains(granted, permission) || slices.Contains(granted, identity.Everything) {
			holders = append(holders, role.Name)
		}
	}
	slices.Sort(holders)
	return slices.Compact(holders)
}

func refuse(reason string, err *fault.Error) Verdict {
	return Verdict{Reason: reason, err: err}
}
