package weaviate

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
	"github.com/platformbuilds/mirador-core/services/schema/internal/jetstream"
)

const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = 2 * time.Second
	// maxMend bounds the heads that wait to be written again.
	maxMend = 1000
)

// errAnew tells that the log was thrown away and began anew.
var errAnew = errors.New("the log began anew")

// address of a key of a tenant.
type address struct {
	tenant string
	key    definition.Key
}

// projector writes what the log says to Weaviate, in the log's order. There is
// one in each replica.
type projector struct {
	client  *client
	conn    *events.Conn
	fold    *jetstream.Store
	epochs  *epochs
	hints   *hints
	encoder encoder
	log     *slog.Logger
	now     func() time.Time
	// wake interrupts the projector's waiting.
	wake chan struct{}

	mu     sync.Mutex
	status status
	// urgent is the newest record that this replica appended.
	urgent uint64
	mends  map[address]struct{}
	// news is closed when the status changes.
	news chan struct{}
}

// status is what others may know of the projector.
type status struct {
	// projected is the sequence of the newest record that is in Weaviate with
	// all that came before.
	projected uint64
	// synced tells that everything is projected that the log held when the
	// newest session began.
	synced bool
	// up is false while Weaviate or the log cannot be reached.
	up bool
}

// run projects until ctx ends, whatever is away in between.
func (p *projector) run(ctx context.Context) error {
	stop, err := jetstream.Listen(p.conn, p.hints.take)
	if err != nil {
		return err
	}
	defer stop()
	wait := firstRetry
	for ctx.Err() == nil {
		began := p.now()
		err := p.session(ctx)
		p.set(func(s *status) { s.up = false })
		if ctx.Err() != nil {
			break
		}
		if p.now().Sub(began) > lastRetry {
			wait = firstRetry
		}
		p.log.Debug("projection begins anew", "reason", err)
		pause(ctx, wait/2+rand.N(wait))
		wait = min(2*wait, lastRetry)
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// set changes the status and wakes whoever waits for it.
func (p *projector) set(change func(*status)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.status)
	close(p.news)
	p.news = make(chan struct{})
}

func (p *projector) state() (status, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status, p.news
}

func (p *projector) projected() uint64 {
	s, _ := p.state()
	return s.projected
}

// rouse makes the projector look again.
func (p *projector) rouse() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// hurry tells that somebody waits for a record.
func (p *projector) hurry(sequence uint64) {
	p.mu.Lock()
	p.urgent = max(p.urgent, sequence)
	p.mu.Unlock()
	p.rouse()
}

func (p *projector) hurried() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.urgent
}

// mend has a head written again.
func (p *projector) mend(a address) {
	p.mu.Lock()
	if len(p.mends) < maxMend {
		p.mends[a] = struct{}{}
	}
	p.mu.Unlock()
	p.rouse()
}

func (p *projector) takeMends() map[address]struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.mends
	if len(out) > 0 {
		p.mends = map[address]struct{}{}
	}
	return out
}
