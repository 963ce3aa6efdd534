package edge

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"time"
)

// HTTPConfig bounds what one client may ask of the edge.
type HTTPConfig struct {
	// HeadBytes of request line and headers together.
	HeadBytes int `key:"head_bytes" doc:"largest request head in bytes"`
	// URLBytes of the request target.
	URLBytes int `key:"url_bytes" doc:"longest URL in bytes"`
	// HeaderLines of one request.
	HeaderLines int `key:"header_lines" doc:"most header lines of a request"`
	// BodyBytes of a JSON or form body.
	BodyBytes int `key:"body_bytes" doc:"largest JSON or form body in bytes"`
	// ReadHeaderTimeout from the first byte to the end of the head.
	ReadHeaderTimeout time.Duration `key:"read_header_timeout" doc:"longest time to receive a request head"`
	// ReadTimeout of the body.
	ReadTimeout time.Duration `key:"read_timeout" doc:"longest time to receive a request body"`
	// WriteTimeout of one flush; a client that reads nothing for so long is cut.
	WriteTimeout time.Duration `key:"write_timeout" doc:"longest time a client may take to accept one flush of an answer"`
	// IdleTimeout between two requests of a connection.
	IdleTimeout time.Duration `key:"idle_timeout" doc:"longest pause between two requests of a connection"`
	// RequestTimeout is the deadline of every call to a service; a client's
	// timeout parameter can only shorten it.
	RequestTimeout time.Duration `key:"request_timeout" doc:"longest time to answer a request"`
	// StreamTimeout takes the place of RequestTimeout for exports and other long
	// answers.
	StreamTimeout time.Duration `key:"stream_timeout" doc:"longest time of an export or another long answer"`
	// Connections in all, and of one address.
	Connections           int `key:"connections" doc:"most open connections"`
	ConnectionsPerAddress int `key:"connections_per_address" doc:"most open connections of one address"`
	// TrustedProxies are networks whose X-Forwarded-For and -Proto are believed.
	TrustedProxies []string `key:"trusted_proxies" doc:"networks (CIDR) of proxies whose X-Forwarded-* headers are believed"`
}

// CORSConfig says which pages of other origins may read answers.
type CORSConfig struct {
	// AllowedOrigins are exact: scheme, host and port.
	AllowedOrigins []string `key:"allowed_origins" reload:"true" doc:"exact origins (scheme, host, port) of pages that may call the API"`
	// AllowedMethods and AllowedHeaders of cross-origin requests.
	AllowedMethods []string `key:"allowed_methods" reload:"true" doc:"methods that such pages may use"`
	AllowedHeaders []string `key:"allowed_headers" reload:"true" doc:"request headers that such pages may send"`
	// ExposedHeaders that such pages may read.
	ExposedHeaders []string `key:"exposed_headers" reload:"true" doc:"answer headers that such pages may read"`
	// AllowCredentials lets such pages send the session cookie.
	AllowCredentials bool `key:"allow_credentials" reload:"true" doc:"let such pages send the session cookie"`
	// MaxAge of a preflight answer.
	MaxAge time.Duration `key:"max_age" unit:"s" reload:"true" doc:"how long a preflight answer may be remembered"`
}

// HTTPDefaults returns the limits of a safe server.
func HTTPDefaults() HTTPConfig {
	return HTTPConfig{
		HeadBytes: 16 << 10, URLBytes: 8 << 10, HeaderLines: 100, BodyBytes: 1 << 20,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: 60 * time.Second, RequestTimeout: 30 * time.Second, StreamTimeout: time.Hour,
		Connections: 16_384, ConnectionsPerAddress: 1024,
	}
}

// CORSDefaults returns a configuration that admits no other origin.
func CORSDefaults() CORSConfig {
	return CORSConfig{
		AllowedMethods: []string{"GET", "POST", "PUT", "DELETE", "OPTIONS"},
		AllowedHeaders: []string{"Content-Type", "Authorization", "X-Session-Token", "X-Request-ID", "If-None-Match", "If-Match"},
		ExposedHeaders: []string{"X-Cache", "Cache-Status", "X-Request-ID", "ETag", "Retry-After", "RateLimit", "RateLimit-Policy",
			"X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Reset", "X-Backend-Degraded", "X-Mirador-Warning", "Content-Disposition"},
		AllowCredentials: true, MaxAge: time.Hour,
	}
}

// Validate names every fault at once.
func (c HTTPConfig) Validate() error {
	var faults []error
	sizes := map[string]int{"head_bytes": c.HeadBytes, "url_bytes": c.URLBytes, "header_lines": c.HeaderLines,
		"body_bytes": c.BodyBytes, "connections": c.Connections, "connections_per_address": c.ConnectionsPerAddress}
	times := map[string]time.Duration{"read_header_timeout": c.ReadHeaderTimeout, "read_timeout": c.ReadTimeout,
		"write_timeout": c.WriteTimeout, "idle_timeout": c.IdleTimeout, "request_timeout": c.RequestTimeout,
		"stream_timeout": c.StreamTimeout}
	for name, size := range sizes {
		if size < 1 {
			faults = append(faults, fmt.Errorf("http.%s: must be at least 1", name))
		}
	}
	for name, d := range times {
		if d <= 0 {
			faults = append(faults, fmt.Errorf("http.%s: must be positive", name))
		}
	}
	_, err := prefixes(c.TrustedProxies)
	return errors.Join(append(faults, err)...)
}

func prefixes(list []string) ([]netip.Prefix, error) {
	var nets []netip.Prefix
	var faults error
	for _, text := range list {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			faults = errors.Join(faults, fmt.Errorf("http.trusted_proxies: %q is not a network such as 10.0.0.0/8", text))
		}
		nets = append(nets, p)
	}
	return nets, faults
}

// Validate names every fault at once.
func (c CORSConfig) Validate() error {
	if slices.Contains(c.AllowedOrigins, "*") && c.AllowCredentials {
		return errors.New(`cors.allowed_origins: "*" and cors.allow_credentials exclude each other`)
	}
	var faults []error
	for _, origin := range c.AllowedOrigins {
		if origin != "*" && !exactOrigin(origin) {
			faults = append(faults, fmt.Errorf("cors.allowed_origins: %q is not scheme://host[:port]", origin))
		}
	}
	return errors.Join(faults...)
}

func exactOrigin(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.Scheme+"://"+u.Host == origin
}
