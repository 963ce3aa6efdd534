package settings

import (
	"net"
	"net/url"
)

// Starts says whether the launcher runs the part itself.
func (s Settings) Starts(part Part) bool {
	switch part {
	case Metrics:
		return len(s.Given.Metrics) == 0
	case Valkey:
		return len(s.Given.Valkey) == 0
	case NATS:
		return len(s.Given.NATS) == 0
	}
	return true
}

// MayWrite says whether the demo may write to the metrics back end: to its
// own, to one on this machine, or wherever the user said so.
func (s Settings) MayWrite() bool {
	return s.Starts(Metrics) || s.WriteAnywhere || onLoopback(s.WriteTo())
}

// WriteTo is the URL of a given metrics back end that takes writes: a
// cluster's vminsert is another server than its vmselect.
func (s Settings) WriteTo() string {
	if s.Given.Insert != "" {
		return s.Given.Insert
	}
	return s.Given.Metrics[0]
}

func onLoopback(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil {
		return false
	}
	if u.Hostname() == "localhost" {
		return true
	}
	ip := net.ParseIP(u.Hostname())
	return ip != nil && ip.IsLoopback()
}
