// Package faults takes parts of the running system away and watches what
// becomes of the rest.
package faults

import (
	"io"
	"net"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/e2e/client"
	"github.com/platformbuilds/mirador-core/e2e/stack"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// boot starts a stack for one test.
func boot(t *testing.T, environ ...string) *stack.Stack {
	t.Helper()
	s, err := stack.Start(t.TempDir(), environ...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func user(t *testing.T, s *stack.Stack, variable string) *client.Client {
	t.Helper()
	base, errBase := s.Env("MIRADOR_URL")
	token, errToken := s.Env(variable)
	if errBase != nil || errToken != nil {
		t.Fatal(errBase, errToken)
	}
	c := client.New(base, token)
	t.Cleanup(c.Close)
	return c
}

// eventually polls until ok holds, and fails the test when it never does.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(40 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("never happened: %s", what)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// server starts a real program and ends it by pid.
func server(t *testing.T, program string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skip("real component missing: " + program)
	}
	cmd := exec.Command(path, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(cmd) })
	return cmd
}

func kill(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

// door is a TCP way to a server that can be shut.
type door struct {
	listener net.Listener
	mu       sync.Mutex
	open     map[net.Conn]bool
	wg       sync.WaitGroup
}

func newDoor(t *testing.T, to string) *door {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{listener: l, open: map[net.Conn]bool{}}
	d.wg.Go(func() { d.serve(to) })
	t.Cleanup(d.shut)
	return d
}

func (d *door) url() string { return "http://" + d.listener.Addr().String() }

func (d *door) serve(to string) {
	for {
		in, err := d.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", strings.TrimPrefix(to, "http://"))
		if err != nil {
			in.Close()
			continue
		}
		d.join(in, out)
	}
}

func (d *door) join(in, out net.Conn) {
	d.mu.Lock()
	d.open[in], d.open[out] = true, true
	d.mu.Unlock()
	pump := func(dst, src net.Conn) {
		_, _ = io.Copy(dst, src)
		dst.Close()
		src.Close()
	}
	d.wg.Go(func() { pump(in, out) })
	d.wg.Go(func() { pump(out, in) })
}

// shut refuses new connections and cuts the open ones.
func (d *door) shut() {
	d.listener.Close()
	d.mu.Lock()
	for c := range d.open {
		c.Close()
	}
	d.mu.Unlock()
	d.wg.Wait()
}
