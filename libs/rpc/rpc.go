// Package rpc is how Mirador's services call each other: clients that balance,
// fail fast and heal, servers that refuse what is not identified, and the
// metadata that both ends agree on.
package rpc

import (
	"context"
	"net"
)

// Metadata keys of requests and answers.
const (
	// KeyIdentity carries the signed identity of the caller.
	KeyIdentity = "x-mirador-identity"
	// KeyAuthorization carries a user's access token ("Bearer ...").
	KeyAuthorization = "authorization"
	// KeyRequestID carries the id of the request that caused the call.
	KeyRequestID = "x-request-id"
	// KeyEpoch is, in a request, the minimal definitions epoch to answer with
	// and, in a response header, the epoch that was used or written.
	KeyEpoch = "x-mirador-definitions-epoch"
	// KeyETag is a response header: the opaque name of a definition's version,
	// without quotes.
	KeyETag = "x-mirador-etag"
	// KeyIfMatch carries a client's If-Match header to a write.
	KeyIfMatch = "x-mirador-if-match"
	// KeyCache is a response header: hit, miss or bypass.
	KeyCache = "x-mirador-cache"
	// KeyLength is a response header: the bytes of a body that is known to be
	// complete. Without it the body is a stream that may still break.
	KeyLength = "x-mirador-length"
	// KeyCacheTTL is a trailer: milliseconds the answer may be stored for;
	// absent or 0 means do not store.
	KeyCacheTTL = "x-mirador-cache-ttl-ms"
	// KeyMetadataAt is a trailer: "<start>,<end>" byte offsets of the metadata
	// object in the whole body.
	KeyMetadataAt = "x-mirador-metadata-at"
	// KeyHitMetadata is a trailer: the JSON object that replaces the metadata
	// in the stored form of the answer.
	KeyHitMetadata = "x-mirador-hit-metadata"
	// KeyFilename is a response header: the name under which a client should
	// keep the body.
	KeyFilename = "x-mirador-filename"
	// KeyDegraded is a response header: the back end whose absence made the
	// answer empty.
	KeyDegraded = "x-mirador-degraded"
	// KeyWarning is a response header, repeated: what was ignored or left out.
	KeyWarning = "x-mirador-warning"
	// KeyRows is a trailer: the rows of a complete export.
	KeyRows = "x-mirador-rows"
	// KeyChecksum is a trailer: "sha256=<hexadecimal>" of a complete body.
	KeyChecksum = "x-mirador-checksum"
)

const (
	// defaultMaxMessage bounds one message; bodies are streams of chunks.
	defaultMaxMessage = 4 << 20
	// defaultMaxStreams per connection; a client holds several connections.
	defaultMaxStreams = 100
	// streamWorkers keep their stacks from call to call; calls beyond get a
	// goroutine of their own.
	streamWorkers = 64
	// A body of some MB must not wait for window updates, and a slow reader
	// must not pile up more than this in memory.
	streamWindow = 1 << 20
	connWindow   = 4 << 20
	bufferSize   = 64 << 10
	// maxHeaderList bounds the metadata of a call.
	maxHeaderList = 64 << 10
)

// Dialer opens a connection to an address.
type Dialer = func(ctx context.Context, address string) (net.Conn, error)

func positive[N int | uint32](n, otherwise N) N {
	if n > 0 {
		return n
	}
	return otherwise
}
