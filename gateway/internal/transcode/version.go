package transcode

import (
	"context"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/libs/rpc"
)

// ifMatch carries a client's If-Match to a write. Text that metadata cannot
// carry is no tag that a service gave, and must still match nothing.
func ifMatch(ctx context.Context) metadata.MD {
	r := callOf(ctx)
	if r == nil || r.IfMatch == "" || r.Row.Effect != route.Write {
		return nil
	}
	text := r.IfMatch
	if strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c > '~' }) {
		text = `"?"`
	}
	return metadata.Pairs(rpc.KeyIfMatch, text)
}

// tag notes the version that the service named.
func tag(ctx context.Context, w http.ResponseWriter) {
	md, ok := runtime.ServerMetadataFromContext(ctx)
	r, ours := w.(*recorder)
	if !ok || !ours {
		return
	}
	for _, text := range md.HeaderMD.Get(rpc.KeyETag) {
		r.etag = `"` + text + `"`
	}
}
