package live

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"github.com/platformbuilds/mirador-core/libs/fault"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

const (
	// queued events wait for a client; when there are more, the flow control of
	// gRPC holds the service back, which then drops rows and counts them.
	queued = 4
	// patience is how long a service may take to refuse a query; afterwards it
	// counts as accepted.
	patience = 2 * time.Second
)

// item is one event of the service, or the error that ended its stream.
type item struct {
	event *logsv1.TailEvent
	err   error
}

// upstream is one call of the logs service.
type upstream struct {
	items    chan item
	accepted chan struct{}
	refused  chan error
	cancel   context.CancelFunc
	done     chan struct{}
}

// open calls the service with the values of ctx. The call ends with the life of
// the client, after CallTimeout or by close.
func (h *Hub) open(ctx, life context.Context, r *logsv1.TailRequest) *upstream {
	ctx, cut := context.WithTimeout(ctx, h.parts.CallTimeout)
	stop := context.AfterFunc(life, cut)
	cancel := func() { stop(); cut() }
	u := &upstream{items: make(chan item, queued), accepted: make(chan struct{}), refused: make(chan error, 1),
		cancel: cancel, done: make(chan struct{})}
	go u.pump(ctx, h.parts.Logs, r)
	return u
}

// pump brings events until the call ends; then items is closed.
func (u *upstream) pump(ctx context.Context, client logsv1.LogsServiceClient, r *logsv1.TailRequest) {
	defer close(u.done)
	defer close(u.items)
	defer u.cancel()
	stream, err := u.begin(ctx, client, r)
	for {
		var event *logsv1.TailEvent
		if err == nil {
			event, err = stream.Recv()
		}
		select {
		case u.items <- item{event, err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// begin makes the call and says what became of it.
func (u *upstream) begin(ctx context.Context, client logsv1.LogsServiceClient, r *logsv1.TailRequest) (grpc.ServerStreamingClient[logsv1.TailEvent], error) {
	stream, err := client.Tail(ctx, r)
	if err != nil {
		u.refused <- err
		return nil, err //nolint:wrapcheck // a gRPC status
	}
	if md, err := stream.Header(); err != nil || md == nil {
		_, err = stream.Recv()
		u.refused <- err
		return nil, err //nolint:wrapcheck // a gRPC status
	}
	close(u.accepted)
	return stream, nil
}

// verdict waits until the service has accepted the query, and returns its
// fault when it has not.
func (u *upstream) verdict(ctx context.Context) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-u.accepted:
		return nil
	case err := <-u.refused:
		return fault.From(err)
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fault.New(fault.CodeCanceled, "Client gone")
	}
}

// close ends the call and waits for its goroutine.
func (u *upstream) close() {
	u.cancel()
	<-u.done
}
