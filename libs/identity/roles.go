package identity

import (
	"maps"
	"slices"
)

// DashView is the permission of whoever may look at dashboards. It implies
// every reading permission: a dashboard shows metrics, logs, traces and the
// definitions beside them.
const DashView = "dash.view"

// Reads lists the permissions that DashView implies.
func Reads() []string {
	return []string{"logs.query", "metrics.query", "schema.read", "status.read", "traces.query"}
}

// Role is a named set of permissions.
type Role struct {
	// Name of the role, as tokens and directories carry it.
	Name string
	// Permissions granted, as an administrator wrote them.
	Permissions []string
	// Description for people.
	Description string
	// Scope is a label selector without braces that narrows what the role reads.
	Scope string
}

// BuiltIn lists the roles that exist without configuration.
func BuiltIn(adminRole string) []Role {
	all := []string{Everything}
	return []Role{
		{Name: "admin", Permissions: all, Description: "Everything within the tenant"},
		{Name: adminRole, Permissions: all, Description: "Everything within the tenant"},
		{Name: "system-admin", Permissions: all, Description: "Everything within the tenant"},
		{Name: "ops", Permissions: []string{DashView, "logs.query", "traces.query"}, Description: "Reads everything, for operations"},
		{Name: "editor", Permissions: []string{DashView, "logs.write", "schema.write"}, Description: "Reads everything, writes definitions and stores events"},
		{Name: "viewer", Permissions: []string{DashView}, Description: "Reads everything"},
		{Name: "mirador-user", Permissions: []string{DashView}, Description: "Reads everything; the role of directory users without another"},
	}
}

// Roles is an immutable table from role to expanded permissions.
type Roles struct {
	roles map[string]compiled
}

type compiled struct {
	permissions []string
	scope       string
}

// NewRoles compiles the roles; a later one replaces an earlier one of the same
// name.
func NewRoles(roles ...Role) *Roles {
	t := &Roles{roles: make(map[string]compiled, len(roles))}
	for _, r := range roles {
		t.roles[r.Name] = compiled{permissions: expand(r.Permissions), scope: r.Scope}
	}
	return t
}

// Grant gives what the roles allow together: sorted permissions, and the scope
// that holds for all reading. Unknown roles grant nothing. A reading role
// without a scope lifts the scopes of the others, since rights add up; a role
// that reads nothing does not.
func (t *Roles) Grant(names []string) (permissions []string, scope string) {
	set := map[string]bool{}
	scopes := map[string]bool{}
	for _, name := range names {
		r, ok := t.roles[name]
		if !ok {
			continue
		}
		if r.reads() {
			scopes[r.scope] = true
		}
		for _, p := range r.permissions {
			set[p] = true
		}
	}
	return slices.Sorted(maps.Keys(set)), narrowest(scopes)
}

func (r compiled) reads() bool {
	return slices.ContainsFunc(r.permissions, func(p string) bool {
		return p == Everything || slices.Contains(Reads(), p)
	})
}

// narrowest joins scopes. Several different scopes cannot be one selector
// without an OR that not every back end knows, so the first by name holds:
// less is shown rather than more.
func narrowest(scopes map[string]bool) string {
	if scopes[""] || len(scopes) == 0 {
		return ""
	}
	return slices.Sorted(maps.Keys(scopes))[0]
}

func expand(permissions []string) []string {
	set := map[string]bool{}
	for _, p := range permissions {
		set[p] = true
		if p == DashView {
			for _, r := range Reads() {
				set[r] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(set))
}
