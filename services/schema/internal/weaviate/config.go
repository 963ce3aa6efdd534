package weaviate

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
)

// Config of the connection to Weaviate.
type Config struct {
	// Enabled keeps definitions in Weaviate; without it they are kept in memory.
	Enabled bool `key:"enabled" env:"WEAVIATE_ENABLED" doc:"keep definitions in Weaviate"`
	// Scheme is http or https.
	Scheme string `key:"scheme" env:"WEAVIATE_SCHEME" doc:"http or https"`
	// Host and Port of the REST interface.
	Host string `key:"host" env:"WEAVIATE_HOST" doc:"host of Weaviate"`
	Port int    `key:"port" env:"WEAVIATE_PORT" doc:"port of Weaviate's REST interface"`
	// APIKey is sent as a bearer token; empty means none.
	APIKey string `key:"api_key" env:"WEAVIATE_API_KEY" secret:"true" doc:"API key of Weaviate"`
	// Consistency of reads and writes in a cluster: ONE, QUORUM or ALL; empty
	// leaves it to the server.
	Consistency string `key:"consistency" env:"WEAVIATE_CONSISTENCY" doc:"ONE, QUORUM, ALL, or empty for the server's own"`
	// UseOfficial is known from older configurations and changes nothing: the
	// official client is always used.
	UseOfficial bool `key:"use_official" env:"WEAVIATE_USE_OFFICIAL" doc:"changes nothing: the official client is always used"`
	// NestedKeys are members of allowed values that are also stored one by one.
	NestedKeys []string `key:"nested_keys" doc:"members of allowed values that Weaviate stores one by one"`
}

// Defaults returns the configuration of a server in the same cluster, not
// enabled.
func Defaults() Config {
	return Config{Scheme: "http", Host: "weaviate.mirador.svc.cluster.local", Port: 8080, NestedKeys: []string{}}
}

// Validate names every fault of the configuration at once.
func (c Config) Validate() error {
	var faults []error
	if c.Scheme != "http" && c.Scheme != "https" {
		faults = append(faults, errors.New("scheme: must be http or https"))
	}
	if c.Host == "" {
		faults = append(faults, errors.New("host: must not be empty"))
	}
	if c.Port < 1 || c.Port > 65535 {
		faults = append(faults, errors.New("port: must be 1 to 65535"))
	}
	if !slices.Contains([]string{"", "ONE", "QUORUM", "ALL"}, c.Consistency) {
		faults = append(faults, errors.New("consistency: must be ONE, QUORUM, ALL or empty"))
	}
	for _, k := range c.NestedKeys {
		if !isName(k) {
			faults = append(faults, fmt.Errorf("nested_keys: %q is not a name that Weaviate takes", k))
		}
	}
	return errors.Join(faults...)
}

// isName tells whether Weaviate takes a text as the name of a property.
func isName(text string) bool {
	for i, r := range text {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return text != "" && len(text) <= 230
}

func (c Config) address() string { return net.JoinHostPort(c.Host, strconv.Itoa(c.Port)) }
