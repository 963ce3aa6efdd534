package upstream

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Config of a pool: where the back end is, and how to talk to it.
type Config struct {
	// Name of the back end in metrics, logs and answers, such as "metrics".
	Name string
	// Endpoints are base URLs; ignored when discovery is on.
	Endpoints []string
	// Password for Options.Username.
	Password string
	// Options are the rest.
	Options
}

// Options is the part of the configuration that is the same for every back
// end; a service inlines it beside the endpoints, whose environment names
// differ.
type Options struct {
	// Timeout bounds one call with all its tries and its whole body.
	Timeout time.Duration `key:"timeout" unit:"ms" reload:"false" doc:"longest time for one call to the back end"`
	// Username for basic authentication; empty means none.
	Username string `key:"username" doc:"user at the back end"`
	// Discovery finds endpoints by DNS.
	Discovery Discovery `key:"discovery"`
	// MaxAnswerBytes bounds an answer after decompression.
	MaxAnswerBytes int64 `key:"max_answer_bytes" doc:"largest answer of the back end, after decompression"`
	// Compression asks the back end to compress; worth it over slow links only.
	Compression bool `key:"compression" doc:"ask the back end for compressed answers"`
	// ProbePath is asked when an endpoint is suspected or was ejected; any
	// answer below 500 means that it is alive.
	ProbePath string `key:"probe_path" doc:"path that tells whether an endpoint is alive"`
	// SuspectAfter is how long a call may wait before the endpoint is probed.
	SuspectAfter time.Duration `key:"suspect_after" unit:"ms" doc:"wait after which an endpoint is probed"`
	// Prefetch is how much of an answer is read before it is handed out; a
	// failure within it is retried. 0 means nothing.
	Prefetch int `key:"prefetch_bytes" doc:"bytes of an answer that are read before it counts"`
}

// Discovery finds the endpoints of a service by DNS.
type Discovery struct {
	// Enabled replaces the list of endpoints.
	Enabled bool `key:"enabled" doc:"find endpoints by DNS"`
	// Service is the DNS name to look up.
	Service string `key:"service" doc:"DNS name of the back end"`
	// Port of addresses found by A and AAAA records; SRV records bring theirs.
	Port int `key:"port" doc:"port of the addresses found"`
	// Scheme is http or https.
	Scheme string `key:"scheme" doc:"http or https"`
	// Refresh is the time between two lookups.
	Refresh time.Duration `key:"refresh_seconds" unit:"s" doc:"seconds between two lookups"`
	// UseSRV looks up _http._tcp.<service>.
	UseSRV bool `key:"use_srv" doc:"look up SRV records"`
	// MaxEndpoints bounds what one lookup may bring.
	MaxEndpoints int `key:"max_endpoints" doc:"most endpoints that DNS may name"`
	// AllowLocal lets DNS name loopback and link-local addresses.
	AllowLocal bool `key:"allow_local" doc:"accept loopback and link-local addresses from DNS"`
}

// DefaultOptions returns the contract's defaults and safe bounds.
func DefaultOptions() Options {
	return Options{
		Timeout:        30 * time.Second,
		MaxAnswerBytes: 64 << 20,
		ProbePath:      "/health",
		SuspectAfter:   time.Second,
		Prefetch:       64 << 10,
		Discovery:      Discovery{Scheme: "http", Refresh: 30 * time.Second, MaxEndpoints: 64},
	}
}

// Validate names every fault of the options at once.
func (o Options) Validate() error {
	var faults []error
	if o.Timeout <= 0 {
		faults = append(faults, errors.New("timeout: must be positive"))
	}
	if o.MaxAnswerBytes <= 0 {
		faults = append(faults, errors.New("max_answer_bytes: must be positive"))
	}
	if !strings.HasPrefix(o.ProbePath, "/") {
		faults = append(faults, errors.New("probe_path: must begin with /"))
	}
	if o.SuspectAfter <= 0 {
		faults = append(faults, errors.New("suspect_after: must be positive"))
	}
	if o.Prefetch < 0 || o.Prefetch > 1<<20 {
		faults = append(faults, errors.New("prefetch_bytes: must be 0 to 1048576"))
	}
	return errors.Join(append(faults, o.Discovery.Validate())...)
}

// Validate names every fault of the discovery at once; off, it has none.
func (d Discovery) Validate() error {
	if !d.Enabled {
		return nil
	}
	var faults []error
	if d.Service == "" {
		faults = append(faults, errors.New("discovery.service: is needed"))
	}
	if d.Scheme != "http" && d.Scheme != "https" {
		faults = append(faults, fmt.Errorf("discovery.scheme: %q is not http or https", d.Scheme))
	}
	if !d.UseSRV && (d.Port < 1 || d.Port > 65535) {
		faults = append(faults, fmt.Errorf("discovery.port: %d is not 1 to 65535", d.Port))
	}
	if d.Refresh < time.Second {
		faults = append(faults, errors.New("discovery.refresh_seconds: must be at least 1"))
	}
	if d.MaxEndpoints < 1 {
		faults = append(faults, errors.New("discovery.max_endpoints: must be at least 1"))
	}
	return errors.Join(faults...)
}

// Validate names every fault of the configuration at once.
func (c Config) Validate() error {
	faults := []error{c.Options.Validate()}
	if !c.Discovery.Enabled && len(c.Endpoints) == 0 {
		faults = append(faults, errors.New("endpoints: at least one is needed unless discovery is on"))
	}
	for _, e := range c.Endpoints {
		if _, err := parseEndpoint(e); err != nil {
			faults = append(faults, fmt.Errorf("endpoints: %w", err))
		}
	}
	return errors.Join(faults...)
}

// parseEndpoint accepts http and https URLs with a host and perhaps a path.
func parseEndpoint(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("not a URL")
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return nil, fmt.Errorf("%q: want http:// or https:// and a host", u.Redacted())
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return nil, fmt.Errorf("%q: credentials, query and fragment do not belong here", u.Redacted())
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), ""
	return u, nil
}
