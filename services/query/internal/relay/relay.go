// Package relay writes the public body of a query's answer: the back end's
// data byte for byte, then metadata and definitions. Small answers are checked
// whole before anything is sent; large ones stream in bounded memory and end
// with an error, never with a complete-looking body, when the back end breaks.
package relay

import (
	"context"
	"time"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/services/query/internal/splice"
)

const (
	// checked is the size up to which answers are checked whole.
	checked = 256 << 10
	// piece is how much is read, scanned and sent at a time: a message with it
	// fits into 128 KiB, a size that buffers come in.
	piece = 127 << 10
)

// Stream is the answering side of a gRPC call.
type Stream interface {
	SetHeader(metadata.MD) error
	SendHeader(metadata.MD) error
	SetTrailer(metadata.MD)
	Send(*httpbody.HttpBody) error
}

// Tee takes a copy of the body for the result cache. Write copies; exactly one
// of Commit and Abandon ends it, and further calls do nothing.
type Tee interface {
	// Caching is false when nothing will be stored, whatever happens.
	Caching() bool
	// Write adds the next bytes of the body.
	Write(p []byte)
	// Commit stores the body for ttl with its bytes [start, end) replaced by
	// the metadata of a cached answer.
	Commit(start, end int, metadata []byte, ttl time.Duration)
	// Abandon drops what was written.
	Abandon()
}

// Tail is what follows data in the public body.
type Tail struct {
	// DataEnd closes what Job.DataBegin opened, for example `,"total":12}`.
	DataEnd []byte
	// Metadata is a JSON object; nil leaves metadata and definitions out.
	Metadata []byte
	// HitMetadata replaces Metadata in the stored form; nil keeps Metadata.
	HitMetadata []byte
	// Definitions is JSON; nil is written as null.
	Definitions []byte
	// Warnings of ours, put after those of the back end.
	Warnings []string
	// TTL for which the answer may be cached; 0 means not at all. Answers that
	// the back end calls partial or warns about are never cached.
	TTL time.Duration
}

// Finisher makes the tail once all of data was seen. Its error fails the
// answer.
type Finisher func(ctx context.Context, facts splice.Facts) (Tail, error)

// Job says how one answer is relayed.
type Job struct {
	// DataBegin precedes the back end's data inside ours, for example `{"names":`.
	DataBegin []byte
	// MaxSeries refuses answers with more series or list elements; 0 means no limit.
	MaxSeries int
	// Limits of the scan.
	Limits splice.Limits
	// Header joins the response's header, for example the definitions epoch.
	Header metadata.MD
	// Message is the contract's text for faults of this route.
	Message string
	// Finish makes the tail; required.
	Finish Finisher
	// Tee for the result cache; nil bypasses it.
	Tee Tee
}
