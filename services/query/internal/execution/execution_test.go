package execution

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/services/query/internal/cost"
	"github.com/platformbuilds/mirador-core/services/query/internal/definitions"
	"github.com/platformbuilds/mirador-core/services/query/internal/read"
	"github.com/platformbuilds/mirador-core/services/query/internal/relay"
	"github.com/platformbuilds/mirador-core/services/query/internal/resultcache"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// slow is a Backend that answers when it is told to, or when the caller's time
// is over.
type slow struct {
	asked chan read.Request
	goOn  chan struct{}
}

func (s slow) Read(ctx context.Context, _ *identity.Identity, r read.Request) (io.ReadCloser, error) {
	s.asked <- r
	select {
	case <-s.goOn:
		return io.NopCloser(strings.NewReader(`{"status":"success","data":{"resultType":"vector","result":[]}}`)), nil
	case <-ctx.Done():
		return nil, fault.From(ctx.Err()).WithDetail("the metrics back end did not answer in time")
	}
}

type noEpochs struct{}

func (noEpochs) Epoch(string) uint64 { return 0 }

// nobody drops the answer.
type nobody struct{}

func (nobody) SendHeader(metadata.MD) error  { return nil }
func (nobody) SetHeader(metadata.MD) error   { return nil }
func (nobody) SetTrailer(metadata.MD)        {}
func (nobody) Send(*httpbody.HttpBody) error { return nil }

func newService(t *testing.T, b Backend, limits cost.Limits) *Service {
	answers := resultcache.New(cache.NewMemory(time.Now), resultcache.Options{})
	t.Cleanup(answers.Close)
	return New(Parts{
		Backend: b, Relay: relay.New(), Cache: answers, Epochs: noEpochs{},
		Book:    definitions.NewBook(nil, time.Second, time.Minute, time.Now),
		Limits:  func(string) cost.Limits { return limits },
		Observe: func(string, string, time.Duration) {}, Stale: func() bool { return true },
		Timeout: 20 * time.Second, ClosedTTL: time.Hour, Now: time.Now,
	})
}

func caller(ctx context.Context, tenant string) context.Context {
	return identity.Into(ctx, &identity.Identity{Tenant: tenant, Account: 1})
}

func TestTimeoutNamesTheStage(t *testing.T) {
	b := slow{asked: make(chan read.Request, 1), goOn: make(chan struct{})}
	err := newService(t, b, cost.Limits{}).Instant(caller(t.Context(), "demo"), Call{To: nobody{}, Timeout: "20ms"}, Instant{Query: "up"})
	f := fault.From(err)
	if f == nil || f.Code != fault.CodeTimeout || f.Message != failedInstant || !strings.Contains(f.Detail, "metrics back end") {
		t.Errorf("got %v", err)
	}
}

func TestWaitingForAnotherCallerEnds(t *testing.T) {
	b := slow{asked: make(chan read.Request, 1), goOn: make(chan struct{})}
	s := newService(t, b, cost.Limits{})
	first := make(chan error, 1)
	go func() {
		first <- s.Instant(caller(t.Context(), "demo"), Call{To: nobody{}}, Instant{Query: "up"})
	}()
	<-b.asked
	// The timeout is part of the key, so a second caller waits only with the same one.
	ctx, cancel := context.WithTimeout(caller(t.Context(), "demo"), 20*time.Millisecond)
	defer cancel()
	f := fault.From(s.Instant(ctx, Call{To: nobody{}}, Instant{Query: "up"}))
	if f == nil || f.Code != fault.CodeTimeout || !strings.Contains(f.Detail, "another caller") {
		t.Errorf("got %v", f)
	}
	close(b.goOn)
	if err := <-first; err != nil {
		t.Error(err)
	}
}

func TestConcurrencyIsPerTenant(t *testing.T) {
	b := slow{asked: make(chan read.Request, 3), goOn: make(chan struct{})}
	s := newService(t, b, cost.Limits{Concurrent: 1})
	done := make(chan error, 2)
	run := func(tenant string) {
		done <- s.Instant(caller(t.Context(), tenant), Call{To: nobody{}, NoCache: true}, Instant{Query: "up"})
	}
	go run("demo")
	<-b.asked
	f := fault.From(s.Instant(caller(t.Context(), "demo"), Call{To: nobody{}, NoCache: true}, Instant{Query: "up"}))
	if f == nil || f.Code != fault.CodeBusy || f.RetryAfter == 0 {
		t.Errorf("got %v, want busy", f)
	}
	go run("other")
	<-b.asked
	close(b.goOn)
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestStaleNewsShortensLives(t *testing.T) {
	s := newService(t, slow{}, cost.Limits{})
	if got := s.ttl(false, time.Now().Add(-time.Hour), 0); got != staleTTL {
		t.Errorf("got %s", got)
	}
	s.Stale = func() bool { return false }
	if got := s.ttl(false, time.Now().Add(-time.Hour), 0); got != time.Hour {
		t.Errorf("got %s", got)
	}
}
