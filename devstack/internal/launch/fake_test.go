package launch

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/devstack/internal/runfolder"
	"github.com/platformbuilds/mirador-core/devstack/internal/settings"
)

// The test binary plays every program: by its name it is one of the services,
// with "up" as argument it is the launcher, else it runs the tests.
func TestMain(m *testing.M) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	switch name := filepath.Base(os.Args[0]); {
	case slices.ContainsFunc(services(), func(one service) bool { return one.name == name }):
		os.Exit(fakeService(ctx, name))
	case len(os.Args) == 2 && os.Args[1] == "up":
		os.Exit(fakeLauncher(ctx))
	}
	stop()
	goleak.VerifyTestMain(m)
}

func fakeLauncher(ctx context.Context) int {
	s, err := settings.Read(os.Getenv)
	if err != nil {
		return 2
	}
	folder, err := runfolder.At(s.Run)
	if err != nil || Up(ctx, s, folder, os.Stdout) != nil {
		return 1
	}
	return 0
}

// fakeService answers at its two addresses until SIGTERM. FAKE_BROKEN names
// the one that ends at once.
func fakeService(ctx context.Context, name string) int {
	if os.Getenv("FAKE_BROKEN") == name {
		fmt.Println("the disk is on fire")
		return 1
	}
	config, err := os.ReadFile(os.Getenv("CONFIG_PATH"))
	if err != nil {
		fmt.Println(err)
		return 1
	}
	var all sync.WaitGroup
	for _, key := range []string{"listen", "metrics_listen"} {
		find := regexp.MustCompile(`(?m)^` + name + `:(?:\n  .*)*?\n  ` + key + `: "(.*)"`)
		server := &http.Server{Addr: string(find.FindSubmatch(config)[1]), Handler: &fakeAPI{}}
		all.Go(func() { _ = server.ListenAndServe() })
		context.AfterFunc(ctx, func() { _ = server.Close() })
	}
	all.Wait()
	return 0
}

// fakeAPI knows no definition until it is told one, and is always ready.
type fakeAPI struct {
	mu    sync.Mutex
	known map[string]bool
}

func (f *fakeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.URL.Path == "/api/v1/query" {
		_, _ = w.Write([]byte(`{"data":{"result":[{"value":[1,"2"]}]}}`))
		return
	}
	if r.Method == http.MethodPost {
		var body struct{ Metric string }
		_ = json.NewDecoder(r.Body).Decode(&body)
		f.known = map[string]bool{body.Metric: true}
		return
	}
	if r.URL.Path != "/ready" && r.URL.Path != "/readyz" && !f.known[filepath.Base(r.URL.Path)] {
		http.NotFound(w, r)
	}
}
