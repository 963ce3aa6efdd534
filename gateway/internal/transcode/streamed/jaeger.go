package streamed

import (
	"strings"

	"google.golang.org/protobuf/proto"

	tracesv1 "github.com/platformbuilds/mirador-core/proto/gen/traces/v1"
)

// jaegerPrefix of the paths whose rest names the endpoint.
const jaegerPrefix = "/jaeger/api/"

// jaeger passes all parameters on: the traces service knows which ones an
// endpoint has.
func jaeger(r Request) proto.Message {
	in := &tracesv1.JaegerRequest{Endpoint: strings.TrimPrefix(r.Row.Pattern, jaegerPrefix)}
	for _, p := range r.Path {
		in.Params = append(in.Params, &tracesv1.Param{Name: p.Name, Value: p.Value})
	}
	for _, p := range r.Query.Pairs() {
		in.Params = append(in.Params, &tracesv1.Param{Name: p.Name, Value: p.Value})
	}
	return in
}
