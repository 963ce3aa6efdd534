package settings

import (
	"net"
	"net/url"
)

// Starts says whether the launcher runs the part itself.
func (s Settings) Starts(part Part) bool { return len(s.given(part)) == 0 }

func (s Settings) given(part Part) []string {
	switch part {
	case Metrics:
		return s.Given.Metrics
	case LogStore:
		return s.Given.Logs
	case TraceStore:
		return s.Given.Traces
	case Valkey:
		return s.Given.Valkey
	case NATS:
		return s.Given.NATS
	}
	return nil
}

// MayWrite says whether the demo may write to a back end: to its own, to one
// on this machine, or wherever the user said so.
func (s Settings) MayWrite(part Part) bool {
	return s.Starts(part) || s.WriteAnywhere || onLoopback(s.WriteTo(part))
}

// WriteTo is the URL of a given back end that takes writes: a metrics
// cluster's vminsert is another server than its vmselect.
func (s Settings) WriteTo(part Part) string {
	if part == Metrics && s.Given.Insert != "" {
		return s.Given.Insert
	}
	return s.given(part)[0]
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
