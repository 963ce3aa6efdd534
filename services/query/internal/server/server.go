// Package server is the query service's gRPC face: it turns messages into
// calls of the execution and its results into messages.
package server

import (
	"context"
	"strconv"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/rpc"
	queryv1 "github.com/platformbuilds/mirador-core/proto/gen/query/v1"
	"github.com/platformbuilds/mirador-core/services/query/internal/definitions"
	"github.com/platformbuilds/mirador-core/services/query/internal/execution"
)

// Server implements queryv1.QueryServiceServer.
type Server struct {
	queryv1.UnimplementedQueryServiceServer
	run *execution.Service
}

// New returns a server on top of the service.
func New(run *execution.Service) *Server { return &Server{run: run} }

// stream is the answering side of every method that relays bytes.
type stream = grpc.ServerStreamingServer[httpbody.HttpBody]

// body marks members of a JSON body in faults, param parameters.
const (
	body  = "/"
	param = ""
)

func call(to stream, in string) execution.Call {
	return execution.Call{To: to, Epoch: epoch(to.Context()), In: in}
}

// epoch that the caller knows of; nonsense counts as none.
func epoch(ctx context.Context) uint64 {
	values := metadata.ValueFromIncomingContext(ctx, rpc.KeyEpoch)
	if len(values) == 0 {
		return 0
	}
	n, err := strconv.ParseUint(values[0], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func wanted(o *queryv1.DefinitionOptions) execution.Definitions {
	return execution.Definitions{
		Off:     o != nil && o.Include != nil && !o.GetInclude(),
		Options: definitions.Options{Minimal: o.GetMinimal(), LabelKeys: o.GetLabelKeys()},
	}
}
