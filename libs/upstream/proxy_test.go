package upstream

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// faultProxy stands between pool and back end and breaks what passes.
type faultProxy struct {
	target string
	ln     net.Listener
	wg     sync.WaitGroup
	// silent swallows everything and answers nothing.
	silent atomic.Bool
	// cutAfter ends a connection after that many bytes of answer; 0 never.
	cutAfter atomic.Int64

	mu    sync.Mutex
	conns map[net.Conn]bool
}

func newFaultProxy(t *testing.T, target string) *faultProxy {
	t.Helper()
	p := &faultProxy{target: target, conns: map[net.Conn]bool{}}
	p.listen(t, "127.0.0.1:0")
	t.Cleanup(p.kill)
	return p
}

func (p *faultProxy) listen(t *testing.T, addr string) {
	t.Helper()
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	p.ln = ln
	p.wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			p.wg.Go(func() { p.serve(c) })
		}
	})
}

func (p *faultProxy) url() string { return "http://" + p.ln.Addr().String() }

// kill ends the listener and every connection, as the death of a process does.
func (p *faultProxy) kill() {
	p.ln.Close()
	p.mu.Lock()
	for c := range p.conns {
		c.Close()
	}
	p.mu.Unlock()
	p.wg.Wait()
}

// reborn listens on the same port again.
func (p *faultProxy) reborn(t *testing.T) {
	t.Helper()
	p.listen(t, p.ln.Addr().String())
}

func (p *faultProxy) track(c net.Conn) func() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = true
	return func() {
		c.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.conns, c)
	}
}

func (p *faultProxy) serve(c net.Conn) {
	defer p.track(c)()
	up, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer p.track(up)()
	p.wg.Go(func() {
		_, _ = io.Copy(up, c)
		up.Close()
	})
	p.answer(c, up)
}

func (p *faultProxy) answer(c io.Writer, up io.Reader) {
	buf := make([]byte, 4<<10)
	var sent int64
	for {
		n, err := up.Read(buf)
		if err != nil {
			return
		}
		if p.silent.Load() {
			continue
		}
		if limit := p.cutAfter.Load(); limit > 0 && sent+int64(n) > limit {
			_, _ = c.Write(buf[:limit-sent])
			return
		}
		if _, err := c.Write(buf[:n]); err != nil {
			return
		}
		sent += int64(n)
	}
}
