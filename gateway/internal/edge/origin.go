package edge

import (
	"net/netip"
	"strings"
)

// origin finds who sent the request. A proxy's word counts only when the
// proxy's address is trusted.
func (e *Edge) origin(x *exchange) {
	peer := addressOf(x.req.RemoteAddr())
	x.client, x.tls = peer.String(), x.req.IsTLS()
	if !e.believes(peer) {
		return
	}
	x.client = e.forwardedFor(x, peer)
	x.tls = x.tls || strings.EqualFold(x.header("X-Forwarded-Proto"), "https")
}

func (e *Edge) believes(addr netip.Addr) bool {
	for _, p := range e.trusted {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// forwardedFor walks the list from its end, which trusted proxies wrote, to
// the first address that is not one of them.
func (e *Edge) forwardedFor(x *exchange, peer netip.Addr) string {
	hops := strings.Split(x.header("X-Forwarded-For"), ",")
	last := peer
	for i := len(hops) - 1; i >= 0; i-- {
		addr, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		last = addr.Unmap()
		if !e.believes(last) {
			break
		}
	}
	return last.String()
}
