// Package rpc is how Mirador's services call each other: clients that balance,
// fail fast and heal, servers that refuse what is not identified, and the
// metadata that both ends agree on.
package rpc

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
	// KeyCache is a response header: hit, miss or bypass.
	KeyCache = "x-mirador-cache"
	// KeyCacheTTL is a trailer: milliseconds the answer may be stored for;
	// absent or 0 means do not store.
	KeyCacheTTL = "x-mirador-cache-ttl-ms"
	// KeyMetadataAt is a trailer: "<start>,<end>" byte offsets of the metadata
	// object in the whole body.
	KeyMetadataAt = "x-mirador-metadata-at"
	// KeyHitMetadata is a trailer: the JSON object that replaces the metadata
	// in the stored form of the answer.
	KeyHitMetadata = "x-mirador-hit-metadata"
)

// defaultMaxMessage bounds one message; bodies are streams of smaller chunks.
const defaultMaxMessage = 4 << 20

// windowSize of a stream and of a connection: a body of a few MB must not wait
// for window updates.
const windowSize = 4 << 20
