package limit

import (
	"net/netip"
	"strconv"

	"github.com/platformbuilds/mirador-core/libs/cache"
)

type kind uint8

const (
	kindAddress kind = iota
	kindTenant
	kindUser
)

// String is the name of the policy in headers and metrics.
func (k kind) String() string { return [...]string{"address", "tenant", "user"}[k] }

// budgetID names what is counted: an address, a tenant, or a user of a tenant.
type budgetID struct {
	kind         kind
	tenant, name string
}

type budget struct {
	budgetID
	limit int64
}

// outcome is what one budget said to one request.
type outcome struct {
	budget    budget
	refused   bool
	remaining int64
}

// storeKey of the shared counter. It is built only when a lease is renewed.
func (id budgetID) storeKey(window int64) string {
	minute := strconv.FormatInt(window, 10)
	switch id.kind {
	case kindTenant:
		return cache.Key("rate_limit", id.tenant, minute)
	case kindUser:
		return cache.Key("rate_limit_user", id.tenant, id.name, minute)
	}
	return cache.Hashed("rate_limit_address", id.name, minute)
}

// network is what one client owns: an IPv4 address, or the /64 around an IPv6
// one, from which a client may choose freely.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap()
	if ip.Is4() {
		return ip.String()
	}
	return netip.PrefixFrom(ip.WithZone(""), 64).Masked().String()
}
