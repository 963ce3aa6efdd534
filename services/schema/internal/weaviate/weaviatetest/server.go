// Package weaviatetest runs a real Weaviate for tests, one that can be killed
// and brought back with what it had stored.
package weaviatetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Program is the name of the server's program; it must be on the PATH.
const Program = "weaviate-server"

// patience bounds how long the server may take to become ready.
const patience = 90 * time.Second

// ErrMissing tells that the program is not on the PATH.
var ErrMissing = errors.New("real component missing: " + Program)

// Server is a Weaviate on free loopback ports.
type Server struct {
	program, dir string
	ports        [6]int
	process      *exec.Cmd
	output       *os.File
}

// Start runs a server until the test ends; the test is skipped where there is
// none.
func Start(tb testing.TB) *Server {
	tb.Helper()
	s, err := Open()
	if errors.Is(err, ErrMissing) {
		tb.Skip("real component missing: weaviate-server")
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	return s
}

// Open is Start for whoever has no test; Close ends the server.
func Open() (*Server, error) {
	program, err := exec.LookPath(Program)
	if err != nil {
		return nil, ErrMissing
	}
	dir, err := os.MkdirTemp("", "weaviate")
	if err != nil {
		return nil, err
	}
	s := &Server{program: program, dir: dir}
	for i := range s.ports {
		if s.ports[i], err = freePort(); err != nil {
			return nil, err
		}
	}
	if err := s.Resume(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// freePort lies below those that the kernel gives to outgoing connections, so
// that it is still free after a restart.
func freePort() (int, error) {
	for range 100 {
		port := 12_000 + rand.N(20_000)
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("no free port")
}

// Port of the REST interface, on 127.0.0.1.
func (s *Server) Port() int { return s.ports[0] }

// Kill ends the server without a warning (SIGKILL).
func (s *Server) Kill() {
	if s.process == nil {
		return
	}
	_ = s.process.Process.Signal(syscall.SIGKILL)
	_ = s.process.Wait()
	_ = s.output.Close()
	s.process = nil
}

// Close kills the server and removes what it had stored.
func (s *Server) Close() {
	s.Kill()
	_ = os.RemoveAll(s.dir)
}

// Resume starts the server on the same ports and data, and waits until it is
// ready.
func (s *Server) Resume() error {
	var err error
	if s.output, err = os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return err
	}
	s.process = exec.Command(s.program, "--host", "127.0.0.1", "--port", strconv.Itoa(s.ports[0]), "--scheme", "http")
	s.process.Env, s.process.Stdout, s.process.Stderr = s.environ(), s.output, s.output
	s.process.SysProcAttr = attributes()
	if err := s.process.Start(); err != nil {
		s.process = nil
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return s.await(ctx)
}

func (s *Server) environ() []string {
	port := func(i int) string { return strconv.Itoa(s.ports[i]) }
	return append(os.Environ(),
		"PERSISTENCE_DATA_PATH="+filepath.Join(s.dir, "data"), "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED=true",
		"DEFAULT_VECTORIZER_MODULE=none", "AUTOSCHEMA_ENABLED=false", "DISABLE_TELEMETRY=true", "GO_PROFILING_DISABLE=true",
		"CLUSTER_HOSTNAME=node1", "CLUSTER_ADVERTISE_ADDR=127.0.0.1", "CLUSTER_BIND_ADDR=127.0.0.1",
		"CLUSTER_GOSSIP_BIND_PORT="+port(1), "CLUSTER_DATA_BIND_PORT="+port(2), "RAFT_PORT="+port(3),
		"RAFT_INTERNAL_RPC_PORT="+port(4), "GRPC_PORT="+port(5), "RAFT_BOOTSTRAP_EXPECT=1")
}

func (s *Server) await(ctx context.Context) error {
	defer http.DefaultClient.CloseIdleConnections()
	for {
		if s.ready(ctx) {
			return nil
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			text, _ := os.ReadFile(s.output.Name())
			return fmt.Errorf("weaviate does not get ready: %.2000s", text[max(0, len(text)-2000):])
		}
	}
}

func (s *Server) ready(ctx context.Context) bool {
	url := fmt.Sprintf("http://127.0.0.1:%d/v1/.well-known/ready", s.ports[0])
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// WipeIndex removes the indexes of a class' property from a killed server, as a
// machine that loses power may. Objects stay.
func (s *Server) WipeIndex(class, property string) error {
	files, err := filepath.Glob(filepath.Join(s.dir, "data", strings.ToLower(class), "*", "lsm", "property_"+property, "*"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("no index of %s %s", class, property)
	}
	for _, file := range files {
		err = errors.Join(err, os.Remove(file))
	}
	return err
}

// Wipe removes what a killed server had stored.
func (s *Server) Wipe() { _ = os.RemoveAll(filepath.Join(s.dir, "data")) }
