package reading

import (
	"context"
	"sync"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/upstream"
)

const (
	// maxDecoding calls of the process, and of one tenant, take answers of the
	// back end apart at one time: each may hold a hundred megabytes then.
	maxDecoding       = 8
	maxDecodingTenant = 4
)

// line is where calls that need much memory wait for their turn. A tenant waits
// for its own places first, so that it cannot take those of all others.
type line struct {
	all     chan struct{}
	mu      sync.Mutex
	tenants map[string]*places
}

// places of one tenant, kept while somebody wants one.
type places struct {
	taken  chan struct{}
	wanted int
}

func newLine() *line {
	return &line{all: make(chan struct{}, maxDecoding), tenants: map[string]*places{}}
}

// enter waits for a place until ctx ends. The caller must call leave.
func (l *line) enter(ctx context.Context, message, tenant string) (leave func(), err error) {
	own := l.want(tenant)
	if !take(ctx, own.taken) {
		l.unwant(tenant)
		return nil, full(ctx, message)
	}
	if !take(ctx, l.all) {
		<-own.taken
		l.unwant(tenant)
		return nil, full(ctx, message)
	}
	return sync.OnceFunc(func() {
		<-l.all
		<-own.taken
		l.unwant(tenant)
	}), nil
}

func take(ctx context.Context, place chan<- struct{}) bool {
	select {
	case place <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (l *line) want(tenant string) *places {
	l.mu.Lock()
	defer l.mu.Unlock()
	own := l.tenants[tenant]
	if own == nil {
		own = &places{taken: make(chan struct{}, maxDecodingTenant)}
		l.tenants[tenant] = own
	}
	own.wanted++
	return own
}

func (l *line) unwant(tenant string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tenants[tenant].wanted--; l.tenants[tenant].wanted == 0 {
		delete(l.tenants, tenant)
	}
}

// full is the fault of a call that waited in vain, or whose client is gone.
func full(ctx context.Context, message string) error {
	if context.Cause(ctx) == context.Canceled { //nolint:errorlint // nobody wraps a cause here
		return fault.New(fault.CodeCanceled, "Request canceled").Wrap(ctx.Err())
	}
	return fault.New(fault.CodeBusy, message).
		WithDetail("too many traces are being looked into").WithRetryAfter(upstream.BusyWait).Wrap(ctx.Err())
}
