package config

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestReload(t *testing.T) {
	o := options(t, "port: 1\nlog_level: warn\n")
	l, err := Open(defaults(), o)
	if err != nil {
		t.Fatal(err)
	}
	var applied []sample
	l.OnChange(func(c sample) { applied = append(applied, c) })

	write(t, o.Dir, "mirador.yaml", "port: 2\nlog_level: debug\n")
	s := l.Reload()
	if s.Err != nil || !contains(s.Changed, "log_level") || !contains(s.Restart, "port") {
		t.Fatalf("status %+v", s)
	}
	if c := l.Current(); c.Level != "debug" || c.Port != 1 {
		t.Errorf("in force: %+v", c)
	}

	write(t, o.Dir, "mirador.yaml", "port: 2\nlog_level: loud\nprot: 3\n")
	s = l.Reload()
	if s.Err == nil || !strings.Contains(s.Err.Error(), "prot") {
		t.Fatalf("a bad file is taken: %+v", s)
	}
	if l.Current().Level != "debug" || len(applied) != 1 || applied[0].Level != "debug" {
		t.Errorf("in force %+v, applied %+v", l.Current(), applied)
	}

	write(t, o.Dir, "mirador.yaml", "port: 1\nlog_level: debug\n")
	if s = l.Reload(); s.Err != nil || len(s.Changed)+len(s.Restart) != 0 || len(applied) != 1 {
		t.Errorf("status %+v, applied %d", s, len(applied))
	}
}

// watched opens a configuration in a folder laid out like a ConfigMap: the
// file is a link through ..data, which is what gets replaced.
func watched(t *testing.T) (l *Live[sample], swap func(version, content string)) {
	t.Helper()
	dir := t.TempDir()
	swap = func(version, content string) {
		write(t, dir, version+"/mirador.yaml", content)
		tmp := filepath.Join(dir, "..data_tmp")
		if err := os.Symlink(version, tmp); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(tmp, filepath.Join(dir, "..data")); err != nil {
			t.Fatal(err)
		}
	}
	swap("v1", "log_level: warn\n")
	file := filepath.Join(dir, "mirador.yaml")
	if err := os.Symlink("..data/mirador.yaml", file); err != nil {
		t.Fatal(err)
	}
	l, err := Open(defaults(), Options{Service: "query", File: file, Environ: []string{"A=b"}})
	if err != nil {
		t.Fatal(err)
	}
	return l, swap
}

func TestWatchConfigMapSwap(t *testing.T) {
	l, swap := watched(t)
	ctx, cancel := context.WithCancel(context.Background())
	reports, done := make(chan Status, 16), make(chan error, 1)
	go func() { done <- l.Watch(ctx, func(s Status) { reports <- s }) }()

	swap("v2", "log_level: error\n")
	if s := next(t, reports); s.Err != nil || !contains(s.Changed, "log_level") {
		t.Errorf("status %+v", s)
	}
	swap("v3", "log_level: loud\n")
	if s := next(t, reports); s.Err == nil {
		t.Errorf("status %+v", s)
	}
	if l.Current().Level != "error" {
		t.Errorf("level %q", l.Current().Level)
	}
	if s := l.Status(); s.Err == nil {
		t.Error("the refused file is not visible")
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if len(reports) != 0 {
		t.Errorf("%d further reports", len(reports))
	}
}

func next(t *testing.T, reports <-chan Status) Status {
	t.Helper()
	select {
	case s := <-reports:
		return s
	case <-time.After(20 * time.Second):
		t.Fatal("no reload")
		return Status{}
	}
}

func TestWatchWithoutFile(t *testing.T) {
	l, err := Open(defaults(), options(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Watch(context.Background(), nil); err != nil {
		t.Error(err)
	}
}
