package rpc

import (
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/experimental"
	"google.golang.org/grpc/keepalive"

	"github.com/platformbuilds/mirador-core/libs/telemetry"
)

// ServerOptions say how a service is called.
type ServerOptions struct {
	// Log takes the access log.
	Log *slog.Logger
	// Telemetry counts calls and continues traces.
	Telemetry *telemetry.Telemetry
	// Identity verifies the signed identity of another Mirador process; nil
	// refuses them.
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
// of a registered service is reachable only when its proto declares access;
// health and reflection are open.
func NewServer(o ServerOptions) (*grpc.Server, error) {
	g := &guard{log: o.Log, telemetry: o.Telemetry, identity: o.Identity, bearer: o.Bearer}
	opts := []grpc.ServerOption{
		experimental.BufferPool(buffers()),
		grpc.UnaryInterceptor(g.unary), grpc.StreamInterceptor(g.stream),
		grpc.MaxConcurrentStreams(positive(o.MaxStreams, defaultMaxStreams)),
		grpc.MaxRecvMsgSize(positive(o.MaxMessage, defaultMaxMessage)),
		grpc.MaxHeaderListSize(maxHeaderList),
		grpc.InitialWindowSize(streamWindow), grpc.InitialConnWindowSize(connWindow),
		grpc.ReadBufferSize(bufferSize), grpc.WriteBufferSize(bufferSize),
		grpc.ConnectionTimeout(10 * time.Second),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}),
		grpc.KeepaliveParams(serverKeepalive()),
		grpc.NumStreamWorkers(streamWorkers),
		// What handlers use is closed after the server stopped, not under them.
		grpc.WaitForHandlers(true),
	}
	if o.TLS.Enabled() {
		config, err := o.TLS.serverConfig()
		if err != nil {
			return nil, fmt.Errorf("tls: %w", err)
		}
		opts = append(opts, grpc.Creds(credentials.NewTLS(config)))
	}
	g.server = grpc.NewServer(append(opts, serverTracing(o.Telemetry)...)...)
	return g.server, nil
}

// serverKeepalive finds dead peers, and ends old connections so that clients
// look their addresses up again and reach new replicas.
func serverKeepalive() keepalive.ServerParameters {
	return keepalive.ServerParameters{
		Time: 30 * time.Second, Timeout: 10 * time.Second,
		MaxConnectionAge: 30 * time.Minute, MaxConnectionAgeGrace: time.Minute,
	}
}
