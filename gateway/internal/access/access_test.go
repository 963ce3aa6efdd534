package access

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func holder(t *Table, roles ...string) *identity.Identity {
	permissions, scope := t.Grant(roles)
	return &identity.Identity{Tenant: "acme", User: "ann", Roles: roles, Permissions: permissions, Scope: scope}
}

func TestAllow(t *testing.T) {
	table := New(DefaultConfig())
	tests := []struct {
		name       string
		id         *identity.Identity
		permission string
		want       string
		code       fault.Code
	}{
		{"viewer reads metrics", holder(table, "viewer"), "metrics.query", "", ""},
		{"viewer reads definitions", holder(table, "viewer"), "schema.read", "", ""},
		{"viewer writes definitions", holder(table, "viewer"), "schema.write", "Access denied: insufficient permissions", fault.CodeAccessDenied},
		{"editor writes definitions", holder(table, "editor"), "schema.write", "", ""},
		{"second role counts", holder(table, "viewer", "editor"), "schema.write", "", ""},
		{"admin does anything", holder(table, "admin"), "whatever.comes", "", ""},
		{"configured admin role", holder(table, "mirador-admin"), "schema.write", "", ""},
		{"unknown role", holder(table, "root"), "metrics.query", "Access denied: insufficient permissions", fault.CodeAccessDenied},
		{"no roles", holder(table), "metrics.query", "Access denied: no roles assigned", fault.CodeAccessDenied},
		{"no roles, own account", holder(table), Self, "", ""},
		{"nobody", nil, Self, "Tenant context required", fault.CodeTenantRequired},
		{"no tenant", &identity.Identity{User: "ann", Roles: []string{"admin"}, Permissions: []string{"*"}}, "metrics.query", "Tenant context required", fault.CodeTenantRequired},
		{"blank tenant", &identity.Identity{Tenant: " ", Roles: []string{"admin"}, Permissions: []string{"*"}}, Self, "Tenant context required", fault.CodeTenantRequired},
		{"nothing declared", holder(table, "admin"), "", "Access denied: insufficient permissions", fault.CodeAccessDenied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := table.Allow(tt.id, tt.permission)
			if tt.want == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			f := fault.From(err)
			if f == nil || f.Message != tt.want || f.Code != tt.code || f.Kind().HTTPStatus() != 403 {
				t.Errorf("got %v, want %q with code %s", err, tt.want, tt.code)
			}
		})
	}
}

func TestRefusalNamesTheRolesThatWouldDo(t *testing.T) {
	table := New(DefaultConfig())
	v := table.Explain(holder(table, "viewer"), "schema.write")
	want := []string{"admin", "editor", "mirador-admin", "system-admin"}
	if v.Allowed || !slices.Equal(v.Roles, want) || !strings.Contains(v.Reason, "schema.write") {
		t.Errorf("got %+v, want roles %q", v, want)
	}
	roles, _ := fault.From(v.Err()).Extra["required_roles"].([]string)
	if !slices.Equal(roles, want) {
		t.Errorf("required_roles: %q, want %q", roles, want)
	}
	if v := table.Explain(holder(table, "editor"), "schema.write"); !v.Allowed || v.Err() != nil || v.Reason == "" {
		t.Errorf("got %+v, want a reason for the permission", v)
	}
}

func TestRolesOff(t *testing.T) {
	table := New(Config{AdminRole: "boss"})
	if err := table.Allow(holder(table), "schema.write"); err != nil {
		t.Errorf("refused: %v", err)
	}
	if permissions, _ := table.Grant(nil); !slices.Equal(permissions, []string{identity.Everything}) {
		t.Errorf("services behind see %q", permissions)
	}
	if table.Allow(&identity.Identity{User: "ann"}, "schema.write") == nil {
		t.Error("passed without a tenant")
	}
	if table.Allow(holder(table), "") == nil {
		t.Error("passed where nothing is declared")
	}
}

// TestDeniedByDefault proves that nobody gets a permission that none of the
// roles spells out.
func TestDeniedByDefault(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		words := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"})
		table := NewTable()
		var roles []identity.Role
		for i := range rapid.IntRange(0, 4).Draw(r, "roles") {
			roles = append(roles, identity.Role{Name: string(rune('A' + i)), Permissions: rapid.SliceOf(words).Draw(r, "permissions")})
		}
		table.Replace(roles...)
		held := rapid.SliceOf(rapid.SampledFrom([]string{"A", "B", "C", "D", "E"})).Draw(r, "held")
		wanted := words.Draw(r, "wanted")
		spelled := slices.ContainsFunc(roles, func(role identity.Role) bool {
			return slices.Contains(held, role.Name) && slices.Contains(role.Permissions, wanted)
		})
		if allowed := table.Allow(holder(table, held...), wanted) == nil; allowed != spelled {
			r.Fatalf("allowed %v, spelled out %v", allowed, spelled)
		}
	})
}

func TestReplaceSwapsTheWholeTable(t *testing.T) {
	table := NewTable(identity.Role{Name: "r", Permissions: []string{"a", "b"}})
	before := table.Generation()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 100 {
				table.Replace(identity.Role{Name: "r", Permissions: []string{"c", "d"}})
				got, _ := table.Grant([]string{"r"})
				if len(got) != 2 {
					t.Errorf("half a table: %q", got)
				}
			}
		})
	}
	all.Wait()
	if n := table.Generation() - before; n != 400 {
		t.Errorf("generation grew by %d, want 400", n)
	}
	if table.Allow(holder(table, "r"), "a") == nil {
		t.Error("an old permission still holds")
	}
}

func TestConfig(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Errorf("defaults: %v", err)
	}
	if err := (Config{}).Validate(); err == nil || !strings.Contains(err.Error(), "admin_role") {
		t.Errorf("%v does not speak of admin_role", err)
	}
}
