// Package bulk carries CSV files of definitions to the schema service and from
// it. A file is in memory whole: it is small, and nothing is kept on a disk.
package bulk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
)

const (
	// piece of a file in one message.
	piece = 256 << 10
	// maxSample bounds what the service may send.
	maxSample = 64 << 20
)

// Epochs keeps the newest definitions epoch per tenant that this gateway
// knows of.
type Epochs interface {
	Epoch(tenant string) uint64
	Raise(tenant string, epoch uint64)
}

// Client calls the schema service.
type Client struct {
	schema schemav1.SchemaServiceClient
	epochs Epochs
}

// New returns a client on a connection to the schema service.
func New(schema grpc.ClientConnInterface, e Epochs) *Client {
	return &Client{schemav1.NewSchemaServiceClient(schema), e}
}

// Upload is a file on its way in.
type Upload struct {
	// Kind as the service names it.
	Kind string
	// Name and ContentType as the client declared them.
	Name, ContentType string
	// DryRun stores nothing; AllOrNothing stores nothing when a row is refused.
	DryRun, AllOrNothing bool
	Data                 []byte
}

// Upload sends a file and gives the service's result as JSON. The context
// carries identity and deadline.
func (c *Client) Upload(ctx context.Context, u Upload) ([]byte, error) {
	stream, err := c.schema.BulkUpload(ctx)
	if err != nil {
		return nil, fmt.Errorf("open an upload: %w", err)
	}
	m := &schemav1.BulkChunk{Kind: u.Kind, File: u.Name, ContentType: u.ContentType, DryRun: u.DryRun, AllOrNothing: u.AllOrNothing}
	// The first message goes also when there is nothing in the file. An error
	// means that the service has answered early, and CloseAndRecv says what.
	err = stream.Send(m)
	for data := range slices.Chunk(u.Data, piece) {
		if err != nil {
			break
		}
		err = stream.Send(&schemav1.BulkChunk{Data: data})
	}
	result, err := stream.CloseAndRecv()
	if err != nil {
		return nil, fmt.Errorf("upload: %w", err)
	}
	c.raise(ctx, stream)
	return encode(result)
}

// raise notes the epoch of what was stored, so that the next answer of this
// gateway shows it.
func (c *Client) raise(ctx context.Context, stream grpc.ClientStream) {
	header, err := stream.Header()
	id, known := identity.From(ctx)
	if err != nil || !known {
		return
	}
	for _, text := range header.Get(rpc.KeyEpoch) {
		if epoch, err := strconv.ParseUint(text, 10, 64); err == nil {
			c.epochs.Raise(id.Tenant, epoch)
		}
	}
}

// encode writes every member, and no blanks that protojson puts in at random.
func encode(m *schemav1.BulkResult) ([]byte, error) {
	data, err := protojson.MarshalOptions{EmitUnpopulated: true}.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode the result of an upload: %w", err)
	}
	var b bytes.Buffer
	if err := json.Compact(&b, data); err != nil {
		return nil, fmt.Errorf("encode the result of an upload: %w", err)
	}
	return b.Bytes(), nil
}

// Sample is a file on its way out.
type Sample struct {
	// Name to keep it under.
	Name, ContentType string
	Data              []byte
	// Warnings say what is left out.
	Warnings []string
}

// Sample asks for a file to fill in; no metrics means all that were seen.
func (c *Client) Sample(ctx context.Context, kind string, metrics []string) (Sample, error) {
	if id, ok := identity.From(ctx); ok {
		ctx = metadata.AppendToOutgoingContext(ctx, rpc.KeyEpoch, strconv.FormatUint(c.epochs.Epoch(id.Tenant), 10))
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.schema.BulkSample(ctx, &schemav1.BulkSampleRequest{Kind: kind, Metrics: metrics})
	if err != nil {
		return Sample{}, fmt.Errorf("ask for a sample: %w", err)
	}
	var s Sample
	for {
		m, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Sample{}, fmt.Errorf("receive a sample: %w", err)
		}
		if s.ContentType == "" {
			s.ContentType = m.GetContentType()
		}
		if s.Data = append(s.Data, m.GetData()...); len(s.Data) > maxSample {
			return Sample{}, fault.New(fault.CodeAnswerTooLarge, "The sample is too large")
		}
	}
	header, err := stream.Header()
	if err != nil {
		return Sample{}, fmt.Errorf("receive a sample: %w", err)
	}
	if name := header.Get(rpc.KeyFilename); len(name) == 1 {
		s.Name = name[0]
	}
	s.Warnings = header.Get(rpc.KeyWarning)
	return s, nil
}
