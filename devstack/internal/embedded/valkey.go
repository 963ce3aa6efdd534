package embedded

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// tick is how exactly keys expire.
const tick = 250 * time.Millisecond

// Valkey is a running Valkey-compatible server; it keeps nothing.
type Valkey struct {
	server *miniredis.Miniredis
	stop   context.CancelFunc
	done   sync.WaitGroup
}

// StartValkey serves on the port.
func StartValkey(port int) (*Valkey, error) {
	server := miniredis.NewMiniRedis()
	if err := server.StartAddr(net.JoinHostPort(Loopback, strconv.Itoa(port))); err != nil {
		return nil, fmt.Errorf("start Valkey: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	v := &Valkey{server: server, stop: cancel}
	v.done.Go(func() { v.age(ctx) })
	return v, nil
}

// Addr is host:port of the server.
func (v *Valkey) Addr() string { return v.server.Addr() }

// Close ends the server.
func (v *Valkey) Close(context.Context) error {
	v.stop()
	v.done.Wait()
	v.server.Close()
	return nil
}

// age lets time pass: the server's clock for expiry only moves when told.
func (v *Valkey) age(ctx context.Context) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			v.server.FastForward(now.Sub(last))
			last = now
		}
	}
}
