package transcode

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
)

// Media types that choose the marshaler inside this package.
const (
	strictType  = "application/json"
	lenientType = "application/vnd.mirador.read+json"
)

// mediaOf makes writes refuse unknown members and reads ignore them.
func mediaOf(r *route.Row) string {
	if r.Effect == route.Read {
		return lenientType
	}
	return strictType
}

// marshaler writes every member, since the contract's shapes have no optional
// ones, and names them as the contract does.
func marshaler(discardUnknown bool) runtime.Marshaler {
	return &runtime.JSONPb{
		MarshalOptions:   protojson.MarshalOptions{EmitUnpopulated: true},
		UnmarshalOptions: protojson.UnmarshalOptions{DiscardUnknown: discardUnknown},
	}
}

func options(e Epochs) []runtime.ServeMuxOption {
	nothing := func(string) (string, bool) { return "", false }
	return []runtime.ServeMuxOption{
		runtime.WithMarshalerOption(strictType, marshaler(false)),
		runtime.WithMarshalerOption(lenientType, marshaler(true)),
		runtime.WithMarshalerOption(runtime.MIMEWildcard, marshaler(false)),
		runtime.WithMiddlewares(withParams),
		runtime.WithDisableHTTPMethodOverride(),
		runtime.WithDisablePathLengthFallback(),
		runtime.WithIncomingHeaderMatcher(nothing),
		runtime.WithOutgoingHeaderMatcher(nothing),
		runtime.WithOutgoingTrailerMatcher(nothing),
		runtime.WithMetadata(func(ctx context.Context, _ *http.Request) metadata.MD {
			return metadata.Join(epochOf(ctx, e), ifMatch(ctx))
		}),
		runtime.WithForwardResponseOption(func(ctx context.Context, w http.ResponseWriter, _ proto.Message) error {
			raise(ctx, e)
			tag(ctx, w)
			return nil
		}),
		runtime.WithErrorHandler(onError),
		runtime.WithRoutingErrorHandler(onRouting),
	}
}

// epochOf asks the service for definitions at least as new as those that this
// gateway has seen.
func epochOf(ctx context.Context, e Epochs) metadata.MD {
	id, ok := identity.From(ctx)
	if !ok {
		return nil
	}
	return metadata.Pairs(rpc.KeyEpoch, strconv.FormatUint(e.Epoch(id.Tenant), 10))
}

// raise notes the epoch that a write has just made, so that the next answer of
// this gateway shows it.
func raise(ctx context.Context, e Epochs) {
	md, ok := runtime.ServerMetadataFromContext(ctx)
	id, known := identity.From(ctx)
	if !ok || !known {
		return
	}
	for _, text := range md.HeaderMD.Get(rpc.KeyEpoch) {
		if epoch, err := strconv.ParseUint(text, 10, 64); err == nil {
			e.Raise(id.Tenant, epoch)
		}
	}
}

// recorder collects what grpc-gateway writes.
type recorder struct {
	row    *route.Row
	header http.Header
	status int
	etag   string
	body   bytes.Buffer
	fault  error
}

// Header implements http.ResponseWriter; the headers stay here.
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) { r.status = status }

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) {
	return r.body.Write(b) //nolint:wrapcheck // a buffer does not fail
}

// compact takes the blanks out that protojson puts in at random, so that equal
// answers are equal bytes and have one ETag.
func compact(body []byte) []byte {
	var b bytes.Buffer
	if err := json.Compact(&b, body); err != nil {
		return body
	}
	return b.Bytes()
}
