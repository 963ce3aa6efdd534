package identity

import (
	"context"
	"errors"
	"testing"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestHas(t *testing.T) {
	tests := []struct {
		name        string
		permissions []string
		ask         string
		want        bool
	}{
		{"held", []string{"metrics.query", "schema.read"}, "schema.read", true},
		{"not held", []string{"metrics.query"}, "schema.write", false},
		{"everything", []string{Everything}, "schema.write", true},
		{"nothing", nil, "metrics.query", false},
		{"prefix is not enough", []string{"metrics"}, "metrics.query", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id := Identity{Permissions: tt.permissions}
			if got := id.Has(tt.ask); got != tt.want {
				t.Errorf("Has(%q) = %v", tt.ask, got)
			}
		})
	}
}

func TestTenantPath(t *testing.T) {
	if got := (&Identity{Account: 1}).TenantPath(); got != "1" {
		t.Errorf("path %q", got)
	}
	if got := (&Identity{Account: 2, Project: 3}).TenantPath(); got != "2:3" {
		t.Errorf("path %q", got)
	}
}

func TestSameTenant(t *testing.T) {
	id := &Identity{Tenant: "acme"}
	for _, own := range []string{"", "acme"} {
		if err := id.SameTenant("/tenantId", own); err != nil {
			t.Errorf("%q refused: %v", own, err)
		}
	}
	for _, foreign := range []string{"acme-corp", "ACME", " acme", "acm"} {
		err := id.SameTenant("/tenantId", foreign)
		if !errors.Is(err, fault.New(fault.CodeTenantForeign, "")) {
			t.Errorf("%q: %v", foreign, err)
		}
	}
}

func TestRequire(t *testing.T) {
	ctx := context.Background()
	if _, err := Require(ctx); err == nil {
		t.Error("no identity was accepted")
	}
	if _, err := Require(Into(ctx, &Identity{User: "u"})); err == nil {
		t.Error("an identity without a tenant was accepted")
	}
	id, err := Require(Into(ctx, &Identity{Tenant: "acme"}))
	if err != nil || id.Tenant != "acme" {
		t.Errorf("got %v, %v", id, err)
	}
}
