package cachetest

import (
	"context"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait of this package.
const patience = 15 * time.Second

// Server is a real Redis or Valkey server on a free loopback port. It ends
// with the test.
type Server struct {
	// Addr is its host:port; it stays the same over Stop and Resume.
	Addr string

	tb     testing.TB
	binary string
	args   []string
	cmd    *exec.Cmd
}

// Redis starts a single redis-server, or skips the test where there is none.
func Redis(tb testing.TB) *Server {
	tb.Helper()
	return Single(tb, "redis-server")
}

// Single starts one server of the named program ("redis-server" or
// "valkey-server"), or skips the test where there is none.
func Single(tb testing.TB, program string) *Server {
	tb.Helper()
	return start(tb, program)
}

// Cluster starts three servers of the named program and joins them to a
// cluster without replicas. It returns their addresses.
func Cluster(tb testing.TB, program string) []string {
	tb.Helper()
	var nodes []string
	for range 3 {
		s := start(tb, program, "--cluster-enabled", "yes", "--cluster-port", freePort(tb),
			"--cluster-config-file", filepath.Join(tb.TempDir(), "nodes.conf"))
		nodes = append(nodes, s.Addr)
	}
	join(tb, strings.Replace(program, "server", "cli", 1), nodes)
	return nodes
}

// Stop kills the server, as a crash would.
func (s *Server) Stop() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.cmd = nil
}

// Freeze stops the server's process without ending it: connections stay, and
// nothing answers. Thaw lets it go on.
func (s *Server) Freeze() { s.signal(syscall.SIGSTOP) }

// Thaw ends a Freeze.
func (s *Server) Thaw() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) {
	s.tb.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.tb.Fatalf("signal %s: %v", s.binary, err)
	}
}

// Resume starts the server again on its old port, empty.
func (s *Server) Resume() {
	s.tb.Helper()
	s.cmd = exec.Command(s.binary, s.args...)
	if err := s.cmd.Start(); err != nil {
		s.tb.Fatalf("start %s: %v", s.binary, err)
	}
	Eventually(s.tb, func() bool { return answers(s.Addr) })
}

// Eventually polls until the condition holds, or fails the test.
func Eventually(tb testing.TB, condition func() bool) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			tb.Fatal("condition did not come true in time")
		}
	}
}

func start(tb testing.TB, program string, extra ...string) *Server {
	tb.Helper()
	binary, err := exec.LookPath(program)
	if err != nil {
		tb.Skip("real component missing: " + program)
	}
	port := freePort(tb)
	s := &Server{Addr: net.JoinHostPort("127.0.0.1", port), tb: tb, binary: binary}
	s.args = append([]string{"--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no",
		"--dir", tb.TempDir()}, extra...)
	tb.Cleanup(s.Stop)
	s.Resume()
	return s
}

func join(tb testing.TB, program string, nodes []string) {
	tb.Helper()
	binary, err := exec.LookPath(program)
	if err != nil {
		tb.Skip("real component missing: " + program)
	}
	args := append([]string{"--cluster", "create"}, nodes...)
	args = append(args, "--cluster-replicas", "0", "--cluster-yes")
	if out, err := exec.Command(binary, args...).CombinedOutput(); err != nil {
		tb.Fatalf("form cluster: %v\n%s", err, out)
	}
	for _, node := range nodes {
		Eventually(tb, func() bool { return strings.Contains(ask(node, "CLUSTER INFO"), "cluster_state:ok") })
	}
}

func answers(addr string) bool { return strings.HasPrefix(ask(addr, "PING"), "+PONG") }

// ask sends one inline command and returns the beginning of the reply.
func ask(addr, command string) string {
	c, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return ""
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(time.Second))
	if _, err := c.Write([]byte(command + "\r\n")); err != nil {
		return ""
	}
	buf := make([]byte, 4096)
	n, err := c.Read(buf)
	if err != nil {
		return ""
	}
	return string(buf[:n])
}

func freePort(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}
