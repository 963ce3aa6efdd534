package identity

import (
	"slices"
	"testing"
)

func TestGrant(t *testing.T) {
	roles := NewRoles(append(BuiltIn("mirador-admin"),
		Role{Name: "prod", Permissions: []string{"metrics.query"}, Scope: `env="prod"`},
		Role{Name: "dev", Permissions: []string{"metrics.query"}, Scope: `env="dev"`},
		Role{Name: "writer", Permissions: []string{"schema.write"}})...)
	tests := []struct {
		name          string
		roles         []string
		can, cannot   string
		scope         string
		noPermissions bool
	}{
		{name: "viewer reads", roles: []string{"viewer"}, can: "metrics.query", cannot: "schema.write"},
		{name: "editor writes", roles: []string{"editor"}, can: "schema.write", cannot: "rbac.write"},
		{name: "admin may all", roles: []string{"mirador-admin"}, can: "rbac.write"},
		{name: "unknown", roles: []string{"nobody"}, noPermissions: true},
		{name: "none", noPermissions: true},
		{name: "scoped", roles: []string{"prod"}, can: "metrics.query", cannot: "logs.query", scope: `env="prod"`},
		{name: "scoped and viewer", roles: []string{"prod", "viewer"}, can: "logs.query", cannot: "schema.write"},
		{name: "two scopes show less", roles: []string{"prod", "dev"}, can: "metrics.query", cannot: "logs.query", scope: `env="dev"`},
		{name: "a role that reads nothing keeps the scope", roles: []string{"prod", "writer"}, can: "schema.write", cannot: "logs.query", scope: `env="prod"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			permissions, scope := roles.Grant(tt.roles)
			id := Identity{Permissions: permissions}
			if tt.noPermissions && len(permissions) > 0 {
				t.Errorf("permissions %v", permissions)
			}
			if tt.can != "" && !id.Has(tt.can) {
				t.Errorf("cannot %s with %v", tt.can, permissions)
			}
			if tt.cannot != "" && id.Has(tt.cannot) {
				t.Errorf("can %s with %v", tt.cannot, permissions)
			}
			if scope != tt.scope {
				t.Errorf("scope %q, want %q", scope, tt.scope)
			}
			if !slices.IsSorted(permissions) {
				t.Errorf("permissions are not sorted: %v", permissions)
			}
		})
	}
}

func TestContractRolesKeepTheirPermissions(t *testing.T) {
	want := map[string][]string{"admin": {"*"}, "ops": {"dash.view", "logs.query", "traces.query"}, "viewer": {"dash.view"}}
	for _, r := range BuiltIn("mirador-admin") {
		if w, ok := want[r.Name]; ok && !slices.Equal(w, r.Permissions) {
			t.Errorf("%s has %v, want %v", r.Name, r.Permissions, w)
		}
	}
}

func TestTenants(t *testing.T) {
	tests := []struct {
		name string
		list []Tenant
		ok   bool
	}{
		{"mapped", []Tenant{{Name: "demo", ID: "1"}, {Name: "other", ID: "2:3"}}, true},
		{"numeric", []Tenant{{Name: "0"}, {Name: "42"}}, true},
		{"named without id", []Tenant{{Name: "demo"}}, false},
		{"twice", []Tenant{{Name: "demo", ID: "1"}, {Name: "demo", ID: "2"}}, false},
		{"shared id", []Tenant{{Name: "a", ID: "1"}, {Name: "b", ID: "1:0"}}, false},
		{"too large", []Tenant{{Name: "a", ID: "4294967296"}}, false},
		{"negative", []Tenant{{Name: "a", ID: "-1"}}, false},
		{"bad name", []Tenant{{Name: "a/b", ID: "1"}}, false},
		{"multitenant", []Tenant{{Name: "a", ID: "multitenant"}}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := NewTenants(tt.list); (err == nil) != tt.ok {
				t.Errorf("error %v, want ok %v", err, tt.ok)
			}
		})
	}
	tenants, err := NewTenants([]Tenant{{Name: "other", ID: "2:3"}})
	if err != nil {
		t.Fatal(err)
	}
	if ref, err := tenants.Lookup("other"); err != nil || ref != (Ref{2, 3}) {
		t.Errorf("got %v, %v", ref, err)
	}
	if _, err := tenants.Lookup("nobody"); err == nil {
		t.Error("an unknown tenant was mapped")
	}
}
