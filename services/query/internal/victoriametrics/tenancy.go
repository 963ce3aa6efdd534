package victoriametrics

import (
	"net/url"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/services/query/internal/metricsql"
)

// filterParam is the one spelling in which our selector is sent, once.
const filterParam = "extra_filters[]"

// tenancy is how one call is held to its caller, in one mode.
type tenancy struct {
	// prefix of the path, up to and with "/api/v1/".
	prefix string
	// filter is the selector that every read is held to; it may be empty on a
	// cluster and for the owner of a single node.
	filter string
}

// tenancy of the identity. The tenant comes from the identity and nothing else.
func (c *Client) tenancy(id *identity.Identity, mode Mode) (tenancy, error) {
	if mode == Cluster {
		filter, err := metricsql.Filter(nil, id.Scope)
		return tenancy{"/select/" + id.TenantPath() + "/prometheus/api/v1/", filter}, refuseScope(err)
	}
	tenant := &metricsql.Tenant{Account: id.Account, Project: id.Project}
	if c.opts.SingleTenant != "" {
		if id.Tenant != c.opts.SingleTenant {
			return tenancy{}, fault.New(fault.CodeTenantRequired, "Access denied: no metrics for this tenant").
				WithDetail("the metrics store of this server belongs to another tenant")
		}
		tenant = nil
	}
	filter, err := metricsql.Filter(tenant, id.Scope)
	return tenancy{"/api/v1/", filter}, refuseScope(err)
}

// refuseScope lets nobody query under a scope that cannot be enforced.
func refuseScope(err error) error {
	if err == nil {
		return nil
	}
	return fault.New(fault.CodeAccessDenied, "Access denied: invalid role scope").
		WithDetail("a role of yours has a scope that cannot be enforced; ask an administrator").Wrap(err)
}

func (t tenancy) hold(v url.Values) {
	if t.filter != "" {
		v[filterParam] = []string{t.filter}
	}
}
