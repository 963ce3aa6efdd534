package faults

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"testing"

	"github.com/platformbuilds/mirador-core/e2e/client"
	"github.com/platformbuilds/mirador-core/e2e/stack"
)

// TestDefinitionsInWeaviate runs the stack on a real Weaviate, kills it between
// two writes and starts it again on its data.
func TestDefinitionsInWeaviate(t *testing.T) {
	dir, port := t.TempDir(), stack.FreePort()
	w := weaviate(t, dir, port)
	s := boot(t, "DEMO_HOURS=1", "WEAVIATE_ENABLED=true", "WEAVIATE_HOST=127.0.0.1", "WEAVIATE_SCHEME=http", fmt.Sprintf("WEAVIATE_PORT=%d", port))
	editor, viewer := user(t, s, "MIRADOR_EDITOR_TOKEN"), user(t, s, "MIRADOR_VIEWER_TOKEN")
	define := func(text string) *client.Answer {
		return editor.Post(t, "/api/v1/schema/metrics", map[string]any{"metric": "up", "description": text})
	}
	define("before").Want(t, http.StatusOK)
	a := viewer.Get(t, query).Want(t, http.StatusOK)
	if got := a.At("definitions", "metrics", "up", "description"); got != "before" {
		t.Errorf("the next answer says %v", got)
	}

	kill(w)
	if refused := define("meanwhile"); refused.Status < http.StatusInternalServerError {
		t.Errorf("a write without Weaviate: %d %s", refused.Status, refused.Body)
	}
	viewer.Get(t, query).Want(t, http.StatusOK)
	weaviate(t, dir, port)
	eventually(t, "definitions can be written again", func() bool { return define("after").Status == http.StatusOK })
	a = viewer.Get(t, "/api/v1/schema/metrics/up/versions").Want(t, http.StatusOK)
	versions, _ := a.At("versions").([]any)
	for i, v := range versions {
		m, _ := v.(map[string]any)
		if m["version"] != float64(len(versions)-i) {
			t.Errorf("version %d is %v", len(versions)-i, m["version"])
		}
	}
	if len(versions) < 2 || viewer.Get(t, "/api/v1/schema/metrics/up").At("description") != "after" {
		t.Errorf("history %s", a.Body)
	}
}

// weaviate starts the real server on its data and waits until it answers.
func weaviate(t *testing.T, dir string, port int) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath("weaviate-server")
	if err != nil {
		t.Skip("real component missing: weaviate-server")
	}
	cmd := exec.Command(path, "--host", "127.0.0.1", "--port", fmt.Sprint(port), "--scheme", "http")
	cmd.Env = append(os.Environ(), "PERSISTENCE_DATA_PATH="+dir, "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED=true", "DEFAULT_VECTORIZER_MODULE=none",
		"CLUSTER_HOSTNAME=node1", "CLUSTER_ADVERTISE_ADDR=127.0.0.1", "CLUSTER_BIND_ADDR=127.0.0.1", "RAFT_BOOTSTRAP_EXPECT=1",
		"DISABLE_TELEMETRY=true", "GO_PROFILING_DISABLE=true", "LOG_LEVEL=error")
	for _, name := range []string{"CLUSTER_GOSSIP_BIND_PORT", "CLUSTER_DATA_BIND_PORT", "RAFT_PORT", "RAFT_INTERNAL_RPC_PORT", "GRPC_PORT"} {
		cmd.Env = append(cmd.Env, fmt.Sprintf("%s=%d", name, stack.FreePort()))
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(cmd) })
	eventually(t, "Weaviate is ready", func() bool {
		resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/v1/.well-known/ready", port))
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	return cmd
}
