package upstream

import (
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// connsPerHost is how many idle connections to one endpoint are kept: fewer
// than the callers side by side would mean a new connection for many calls.
const connsPerHost = 256

var errLocalAddress = errors.New("refused: local address from DNS")

// newTransport never follows redirects, uses no proxy of the environment and
// leaves decompression to this package.
func newTransport(guard func(netip.Addr) error) *http.Transport {
	dialer := &net.Dialer{Timeout: 2 * time.Second, KeepAlive: 15 * time.Second}
	if guard != nil {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			ap, err := netip.ParseAddrPort(address)
			if err != nil {
				return err
			}
			return guard(ap.Addr())
		}
	}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    3 * time.Second,
		MaxIdleConns:           4 * connsPerHost,
		MaxIdleConnsPerHost:    connsPerHost,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		ReadBufferSize:         32 << 10,
		WriteBufferSize:        16 << 10,
		DisableCompression:     true,
	}
}

// guard checks every address right before it is dialled, so that a name that
// DNS gave cannot lead to this machine. Configured endpoints are free.
func (p *Pool) guard() func(netip.Addr) error {
	if !p.cfg.Discovery.Enabled || p.cfg.Discovery.AllowLocal {
		return nil
	}
	return func(a netip.Addr) error {
		if local(a) {
			return errLocalAddress
		}
		return nil
	}
}

func local(a netip.Addr) bool {
	a = a.Unmap()
	return !a.IsValid() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() || a.IsMulticast()
}

func basicAuth(cfg Config) string {
	if cfg.Username == "" {
		return ""
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(cfg.Username+":"+cfg.Password))
}
