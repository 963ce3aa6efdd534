package relay

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/rpc"
)

// gathered is the size up to which a complete body is brought here before the
// client's answer begins.
const gathered = 1 << 20

// open starts the call and reads up to the first bytes of the body, or all of
// a body that the service says is complete and small.
func (r *Relay) open(ctx context.Context, call Call, t *tee, place Cache) (*Answer, error) {
	ctx, cancel := context.WithCancel(ctx)
	a := &Answer{Cache: place, tee: t, cancel: cancel, length: -1}
	if err := a.begin(ctx, call); err != nil {
		t.abandon(false)
		cancel()
		return nil, err
	}
	return a, nil
}

func (a *Answer) begin(ctx context.Context, call Call) error {
	stream, err := call(ctx)
	if err != nil {
		return err
	}
	a.stream = stream
	message, err := stream.Recv()
	if errors.Is(err, io.EOF) {
		return fault.New(fault.CodeInternal, "The service sent no answer")
	}
	if err != nil {
		return err
	}
	header, err := stream.Header()
	if err != nil {
		return err
	}
	a.head(message, header)
	if a.length >= 0 && a.length <= gathered {
		return a.gather(message.GetData())
	}
	a.tee.streams()
	a.pending = a.took(message)
	return nil
}

// head reads what precedes the body.
func (a *Answer) head(message *httpbody.HttpBody, header metadata.MD) {
	a.ContentType = message.GetContentType()
	a.Epoch = first(header, rpc.KeyEpoch)
	a.Filename, a.Degraded, a.Warnings = first(header, rpc.KeyFilename), first(header, rpc.KeyDegraded), header.Get(rpc.KeyWarning)
	switch word := first(header, rpc.KeyCache); {
	case word == "hit":
		a.Cache = Hit
	case a.tee.heeds(word):
		a.Cache = Bypass
	}
	if n, err := strconv.Atoi(first(header, rpc.KeyLength)); err == nil {
		a.length = n
	}
}

// gather brings the rest of a complete body here.
func (a *Answer) gather(data []byte) error {
	a.tee.add(data)
	a.body, a.whole, a.got = data, true, len(data)
	if len(data) < a.length {
		a.body = slices.Grow(slices.Clip(data), a.length-len(data))
	}
	for {
		p, err := a.receive()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		a.body = append(a.body, p...)
	}
}
