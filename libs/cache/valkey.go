package cache

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valkey-io/valkey-go"
)

const (
	// openWait bounds how long Open waits for the first connection.
	openWait = time.Second
	// probeTimeout is longer than an operation's: a machine that is busy for a
	// moment should not count as away.
	probeTimeout = time.Second
	// dialTimeout bounds one attempt to connect.
	dialTimeout = 2 * time.Second
	bufferSize  = 64 << 10
)

// Recorder counts operations: get, set or delete with hit, miss, success
// or error. *telemetry.Telemetry is one.
type Recorder interface {
	Cache(operation, result string, took time.Duration)
}

// Valkey is a Store on a Valkey or Redis server or cluster. It starts and goes
// on without one: operations then fail at once with ErrAway, and a goroutine
// tries to connect again.
type Valkey struct {
	cfg     Config
	log     *slog.Logger
	rec     Recorder
	scripts scripts
	client  atomic.Pointer[valkey.Client]
	breaker breaker
	// wake asks for a probe before its time.
	wake   chan struct{}
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// Open connects to the nodes of the configuration and keeps trying while they
// are away; it never fails for that reason. rec may be nil. End it with Close.
func Open(cfg Config, log *slog.Logger, rec Recorder) *Valkey {
	ctx, cancel := context.WithCancel(context.Background())
	v := &Valkey{cfg: cfg, log: log, rec: rec, scripts: newScripts(), wake: make(chan struct{}, 1), cancel: cancel}
	tried := make(chan struct{})
	v.done.Go(func() {
		v.probe(ctx)
		close(tried)
		v.watch(ctx)
	})
	select {
	case <-tried:
	case <-time.After(openWait):
	}
	return v
}

// Healthy implements Store.
func (v *Valkey) Healthy() bool { return v.client.Load() != nil && !v.breaker.open() }

// Close implements Store.
func (v *Valkey) Close() {
	v.cancel()
	v.done.Wait()
	if c := v.client.Swap(nil); c != nil {
		(*c).Close()
	}
}

// Ping asks the server for a sign of life; it is meant for readiness reports.
func (v *Valkey) Ping(ctx context.Context) error {
	return v.ping(ctx, v.cfg.Timeout)
}

func (v *Valkey) ping(ctx context.Context, timeout time.Duration) error {
	c := v.client.Load()
	if c == nil {
		return ErrAway
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if err := (*c).Do(ctx, (*c).B().Ping().Build()).Error(); err != nil {
		return fmt.Errorf("ping valkey: %w", errors.Join(ErrAway, err))
	}
	return nil
}

func (v *Valkey) watch(ctx context.Context) {
	tick := time.NewTicker(v.cfg.Retry)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-v.wake:
		}
		v.probe(ctx)
	}
}

// probe connects where there is no connection, else asks for a sign of life,
// and tells the breaker.
func (v *Valkey) probe(ctx context.Context) {
	err := v.ping(ctx, max(probeTimeout, v.cfg.Timeout))
	if v.client.Load() == nil {
		err = v.connect()
	}
	if ctx.Err() != nil {
		return
	}
	v.report(err)
}

func (v *Valkey) connect() error {
	client, err := dial(v.cfg)
	if err != nil {
		return fmt.Errorf("connect to valkey: %w", err)
	}
	v.client.Store(&client)
	return nil
}

// report logs changes only, not every failure: an absent Valkey is one event.
func (v *Valkey) report(err error) {
	was := v.breaker.set(err == nil)
	switch {
	case err != nil && was != stateAway:
		v.log.Warn("valkey is away; running without it", "error", err)
	case err == nil && was == stateAway:
		v.log.Info("valkey is back")
	}
}

// dial makes a client: one node is a single server, several are a cluster
// unless the server says that it is none.
func dial(cfg Config) (valkey.Client, error) {
	option := options(cfg)
	client, err := valkey.NewClient(option)
	switch {
	case err == nil:
		return client, nil
	case errors.Is(err, valkey.ErrNoCache):
		option.DisableCache = true
	case len(cfg.Nodes) > 1 && strings.Contains(err.Error(), "cluster support disabled"):
		option.InitAddress, option.ForceSingleClient = cfg.Nodes[:1], true
		option.SelectDB = cfg.DB
	default:
		return nil, err
	}
	return valkey.NewClient(option)
}

func options(cfg Config) valkey.ClientOption {
	o := valkey.ClientOption{
		InitAddress: cfg.Nodes, Username: cfg.Username, Password: cfg.Password,
		DisableCache:       cfg.Near <= 0,
		ForceSingleClient:  len(cfg.Nodes) == 1,
		ReadBufferEachConn: bufferSize, WriteBufferEachConn: bufferSize,
		ConnWriteTimeout: max(dialTimeout, 2*cfg.Timeout),
	}
	o.Dialer.Timeout = dialTimeout
	if len(cfg.Nodes) == 1 {
		o.SelectDB = cfg.DB
	}
	return o
}
