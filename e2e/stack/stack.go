// Package stack boots the real binaries with the development stack, on free
// ports and in a folder of its own, for suites that drive the running system.
package stack

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// startTimeout covers the demo history on a slow, busy machine.
	startTimeout = 3 * time.Minute
	stopTimeout  = 30 * time.Second
)

// Stack is one running system.
type Stack struct {
	// Dir holds its data, logs and mirador.env.
	Dir string
	cmd *exec.Cmd
	out *tail
	end chan error
}

// Start builds the binaries when they are out of date and boots a stack. The
// environment entries (KEY=value) override parts of it, as they would on a
// command line. Stop it.
func Start(dir string, environ ...string) (*Stack, error) {
	root, err := Root()
	if err != nil {
		return nil, err
	}
	if err := build(); err != nil {
		return nil, err
	}
	s := &Stack{Dir: dir, out: &tail{}, end: make(chan error, 1)}
	s.cmd = exec.Command(filepath.Join(root, "bin", "devstack"), "up")
	s.cmd.Dir = root
	s.cmd.Env = append(append(cleanEnviron(), "MIRADOR_RUN_DIR="+dir), freePorts(environ)...)
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	// A test binary that is killed must not leave a stack behind.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM, Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start stack: %w", err)
	}
	go func() { s.end <- s.cmd.Wait() }()
	if err := s.awaitReady(); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// Stop ends every process of the stack and waits for it.
func (s *Stack) Stop() error {
	if s.cmd.ProcessState != nil {
		return nil
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-s.end:
		if err != nil {
			return fmt.Errorf("stop stack: %w\n%s", err, s.out)
		}
		return nil
	case <-time.After(stopTimeout):
		_ = s.cmd.Process.Kill()
		return fmt.Errorf("stop stack: still running after %s, killed: %w\n%s", stopTimeout, <-s.end, s.out)
	}
}

// Output gives the last lines that the launcher printed.
func (s *Stack) Output() string { return s.out.String() }

func (s *Stack) awaitReady() error {
	deadline := time.Now().Add(startTimeout)
	for time.Now().Before(deadline) {
		select {
		case err := <-s.end:
			s.end <- err
			return fmt.Errorf("stack ended while starting: %w\n%s", err, s.out)
		case <-time.After(100 * time.Millisecond):
		}
		if s.ready() {
			return nil
		}
	}
	return fmt.Errorf("stack is not ready after %s\n%s", startTimeout, s.out)
}

// ready once the launcher has written its last file and the gateway agrees.
func (s *Stack) ready() bool {
	url, err := s.Env("MIRADOR_URL")
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/ready", nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// Env reads one variable of mirador.env anew: pids change when a part is
// restarted.
func (s *Stack) Env(name string) (string, error) {
	f, err := os.Open(filepath.Join(s.Dir, "mirador.env"))
	if err != nil {
		return "", err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := strings.TrimPrefix(lines.Text(), "export ")
		if key, value, ok := strings.Cut(line, "="); ok && key == name {
			return strings.Trim(value, `'"`), nil
		}
	}
	return "", fmt.Errorf("mirador.env has no %s", name)
}

// PID of a service of the stack, by the service's name.
func (s *Stack) PID(service string) (int, error) {
	text, err := s.Env("MIRADOR_PID_" + strings.ToUpper(service))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(text)
}

// Root is the folder of the checkout.
func Root() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(dir, "go.work")); missing == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("not inside a checkout: no go.work above")
		}
		dir = filepath.Dir(dir)
	}
	return "", err
}

var build = sync.OnceValue(func() error {
	root, err := Root()
	if err != nil {
		return err
	}
	cmd := exec.Command("make", "-s", "build")
	cmd.Dir = root
	// The race detector's settings are the tests' own: the binaries are built as
	// for everybody.
	cmd.Env = cleanEnviron()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	return nil
})

// FreePort returns a loopback port that was free a moment ago.
func FreePort() int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
