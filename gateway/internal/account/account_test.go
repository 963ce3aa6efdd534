package account

import (
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/libs/identity"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func tenants(t *testing.T) *Tenants {
	t.Helper()
	list, err := NewTenants([]TenantConfig{
		{Name: "demo", ID: "1:0", RequestsPerMinute: 60_000, UserRequestsPerMinute: 6_000}, {Name: "42"}})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestTenants(t *testing.T) {
	list := tenants(t)
	demo, ok := list.Find("demo")
	if want := (Tenant{"demo", identity.Ref{Account: 1}, 60_000, 6_000}); !ok || demo != want {
		t.Errorf("got %+v, %v, want %+v", demo, ok, want)
	}
	if number, ok := list.Find("42"); !ok || number.Ref.Account != 42 {
		t.Errorf("a numeric tenant is its own account: got %+v, %v", number, ok)
	}
	for _, name := range []string{"", "Demo", "1", "nobody"} {
		if got, ok := list.Find(name); ok {
			t.Errorf("%q is %+v", name, got)
		}
	}
	if got := list.Names(); !slices.Equal(got, []string{"demo", "42"}) {
		t.Errorf("names: %q", got)
	}
}

func TestTenantsRefused(t *testing.T) {
	for name, list := range map[string][]TenantConfig{
		"no id":         {{Name: "demo"}},
		"bad name":      {{Name: "a b", ID: "1"}},
		"twice":         {{Name: "a", ID: "1"}, {Name: "a", ID: "2"}},
		"shared id":     {{Name: "a", ID: "1"}, {Name: "b", ID: "1:0"}},
		"bad limit":     {{Name: "a", ID: "1", RequestsPerMinute: -1}},
		"bad user rate": {{Name: "a", ID: "1", UserRequestsPerMinute: -1}},
	} {
		if _, err := NewTenants(list); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestUsers(t *testing.T) {
	users, err := NewUsers([]UserConfig{
		{Name: "zoe", Tenant: "demo", Roles: []string{"viewer", "admin", "viewer"}, PasswordHash: "h", Email: "z@example.com", FullName: "Zoë"},
		{Name: "ann", Tenant: "42", Roles: []string{"viewer"}}}, tenants(t))
	if err != nil {
		t.Fatal(err)
	}
	zoe, ok := users.Find("zoe")
	if !ok || zoe.ID != "zoe" || zoe.Tenant != "demo" || !slices.Equal(zoe.Roles, []string{"admin", "viewer"}) ||
		zoe.PasswordHash != "h" || zoe.Email != "z@example.com" || zoe.FullName != "Zoë" {
		t.Errorf("got %+v, %v", zoe, ok)
	}
	if _, ok := users.Find("Zoe"); ok {
		t.Error("names are compared without case")
	}
	if all := users.All(); len(all) != 2 || all[0].ID != "ann" || all[1].ID != "zoe" {
		t.Errorf("all: %+v", all)
	}
}

func TestUsersRefusedTogether(t *testing.T) {
	role := []string{"viewer"}
	_, err := NewUsers([]UserConfig{
		{Name: "ann", Tenant: "demo", Roles: role}, {Name: "ann", Tenant: "42", Roles: role},
		{Name: "bob", Tenant: "nobody", Roles: role}, {Name: "carl", Tenant: "demo"},
		{Name: " dora", Tenant: "demo", Roles: role}, {Name: "", Tenant: "demo", Roles: role},
		{Name: "e\x00", Tenant: "demo", Roles: role}, {Name: strings.Repeat("f", 129), Tenant: "demo", Roles: role}}, tenants(t))
	for _, text := range []string{`"ann" is listed twice`, `"bob" belongs to the unknown tenant "nobody"`, `"carl" has no roles`, `name " dora"`, `name ""`, `name "e\x00"`, `name "fff`} {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%v does not say %s", err, text)
		}
	}
}
