package seen

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	"github.com/platformbuilds/mirador-core/services/schema/internal/drift"
)

// maxBody bounds one list; a longer one cannot be compared.
const maxBody = 8 << 20

// bodies is an answer that comes in pieces.
type bodies = grpc.ServerStreamingClient[httpbody.HttpBody]

// answer is the public JSON of a list.
type answer[T any] struct {
	Data     T        `json:"data"`
	Warnings []string `json:"warnings"`
	Metadata struct {
		Degraded bool `json:"degraded"`
	} `json:"metadata"`
}

// list asks for a list and takes the names out of its data.
func list[T any](ctx context.Context, open func(ctx context.Context) (bodies, error), names func(T) []string) (drift.Names, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	stream, err := open(ctx)
	if err != nil {
		return drift.Names{}, fmt.Errorf("ask for a list: %w", err)
	}
	data, err := collect(stream)
	if err != nil {
		return drift.Names{}, err
	}
	var a answer[T]
	if err := json.Unmarshal(data, &a); err != nil {
		return drift.Names{}, fmt.Errorf("read a list: %w", err)
	}
	if a.Metadata.Degraded {
		return drift.Names{}, degraded()
	}
	return bounded(names(a.Data), len(a.Warnings) > 0), nil
}

func collect(stream bodies) ([]byte, error) {
	var data []byte
	for {
		m, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read a list: %w", err)
		}
		if data = append(data, m.GetData()...); len(data) > maxBody {
			return nil, fault.New(fault.CodeAnswerTooLarge, "The list is too long to be compared")
		}
	}
	md, err := stream.Header()
	if err == nil && len(md.Get(rpc.KeyDegraded)) > 0 {
		return nil, degraded()
	}
	return data, nil
}

// degraded tells that an empty list only means that nobody could be asked.
func degraded() error { return fault.New(fault.CodeBackendDown, "Back end unavailable") }

// bounded cuts a list at what was asked for; a full list may go on.
func bounded(names []string, more bool) drift.Names {
	if len(names) >= maxNames {
		return drift.Names{List: names[:maxNames], More: true}
	}
	return drift.Names{List: names, More: more}
}
