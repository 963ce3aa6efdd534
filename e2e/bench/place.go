package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/platformbuilds/mirador-core/e2e/bench/dataset"
	"github.com/platformbuilds/mirador-core/e2e/stack"
)

// place is a running stack with the bench's series in its back end.
type place struct {
	kind    string
	stack   *stack.Stack
	backend *exec.Cmd
	// direct is the back end's own address up to /api/v1.
	direct string
	// end of the series.
	end time.Time
}

func (p *place) close() {
	if p.stack != nil {
		_ = p.stack.Stop()
	}
	if p.backend != nil {
		_ = p.backend.Process.Kill()
		_ = p.backend.Wait()
	}
}

// unlimited lifts the limits of the demo out of the way; they are counted all
// the same.
func unlimited() []string {
	return []string{"DEMO_SEED=0", "DEMO_RATE_LIMIT=1000000000", "MIRADOR_LIMITS_REQUESTS_PER_MINUTE=1000000000",
		"MIRADOR_LIMITS_ADDRESS_REQUESTS_PER_MINUTE=1000000000"}
}

// benchEnd lies a little back, so that nothing in the queries touches now.
func benchEnd() time.Time { return time.Now().Truncate(time.Minute).Add(-10 * time.Minute) }

// standIn opens a stack on the development stand-in.
func standIn(dir string) (*place, error) {
	s, err := stack.Start(filepath.Join(dir, "run"), unlimited()...)
	if err != nil {
		return nil, err
	}
	p := &place{kind: "standin", stack: s, end: benchEnd()}
	base, err := s.Env("MIRADOR_VM_URL")
	if err == nil {
		p.direct = base + "/select/1/prometheus/api/v1"
		err = dataset.Write(base+"/insert/1/prometheus/api/v1/import", p.end)
	}
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// victoriaMetrics opens a stack on the real server; without one it returns nil
// and says so.
func victoriaMetrics(dir string) (*place, error) {
	program, err := exec.LookPath("victoria-metrics")
	if err != nil {
		fmt.Println("\nreal component missing: victoria-metrics; its half of the bench is left out")
		return nil, nil
	}
	addr := fmt.Sprintf("127.0.0.1:%d", stack.FreePort())
	p := &place{kind: "victoriametrics", end: benchEnd(), direct: "http://" + addr + "/api/v1"}
	p.backend = exec.Command(program, "-httpListenAddr="+addr, "-storageDataPath="+filepath.Join(dir, "vm"),
		"-retentionPeriod=10y", "-search.latencyOffset=0s", "-loggerLevel=ERROR")
	if err := p.backend.Start(); err != nil {
		return nil, err
	}
	if err = p.fill("http://" + addr); err == nil {
		p.stack, err = stack.Start(filepath.Join(dir, "run"), append(unlimited(), "VM_ENDPOINTS=http://"+addr)...)
	}
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// fill writes the series as those of the tenant demo, 1:0 on a single node.
func (p *place) fill(base string) error {
	if err := await(base + "/health"); err != nil {
		return err
	}
	tenant := url.Values{"extra_label": {"vm_account_id=1", "vm_project_id=0"}}
	if err := dataset.Write(base+"/api/v1/import?"+tenant.Encode(), p.end); err != nil {
		return err
	}
	return await(base + "/internal/force_flush")
}

// await polls until the address answers 200.
func await(address string) error {
	client := http.Client{Timeout: 5 * time.Second}
	for range 100 {
		if resp, err := client.Get(address); err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	return errors.New("the back end does not answer at " + address)
}
