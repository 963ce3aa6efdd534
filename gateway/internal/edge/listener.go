package edge

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge/problem"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

// full is the answer to one connection too many of an address. It is written
// before a request was read, so it is the same for everybody.
func full() []byte {
	f := fault.New(fault.CodeRateLimited, "Too many connections of one address").WithRetryAfter(time.Second)
	body := problem.Document(f, problem.Context{})
	return fmt.Appendf(nil, "HTTP/1.1 429 Too Many Requests\r\nContent-Type: %s\r\nRetry-After: 1\r\n"+
		"Connection: close\r\nContent-Length: %d\r\n\r\n%s", problem.ContentType, len(body), body)
}

// listener bounds the connections of each address and gives every connection
// the write rules of conn.
type listener struct {
	net.Listener
	perAddress int
	write      time.Duration

	mu   sync.Mutex
	open map[netip.Addr]int
}

func newListener(l net.Listener, cfg HTTPConfig) *listener {
	return &listener{Listener: l, perAddress: cfg.ConnectionsPerAddress, write: cfg.WriteTimeout, open: map[netip.Addr]int{}}
}

// Accept returns the next connection that its address may have.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err //nolint:wrapcheck // net/http and fasthttp compare this error
		}
		addr := addressOf(c.RemoteAddr())
		if l.take(addr) {
			return &conn{Conn: c, write: l.write, release: sync.OnceFunc(func() { l.give(addr) })}, nil
		}
		refuse(c)
	}
}

// refuse answers and closes. The few bytes fit the empty socket buffer, so the
// accept loop does not wait for the client.
func refuse(c net.Conn) {
	_ = c.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = c.Write(full())
	_ = c.Close()
}

func (l *listener) take(addr netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[addr] >= l.perAddress {
		return false
	}
	l.open[addr]++
	return true
}

func (l *listener) give(addr netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[addr]--; l.open[addr] <= 0 {
		delete(l.open, addr)
	}
}

// addressOf is the address without its port; an IPv4 address in IPv6 form
// counts as the same client.
func addressOf(a net.Addr) netip.Addr {
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}
