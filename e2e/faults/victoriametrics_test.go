package faults

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/e2e/stack"
)

// TestRealVictoriaMetrics runs the whole stack on a real single-node server
// behind two addresses, keeps the tenants apart by the filter, and takes one
// of the addresses away.
func TestRealVictoriaMetrics(t *testing.T) {
	addr := fmt.Sprintf("127.0.0.1:%d", stack.FreePort())
	server(t, "victoria-metrics", "-httpListenAddr="+addr, "-storageDataPath="+t.TempDir(), "-retentionPeriod=10y",
		"-search.latencyOffset=0s", "-loggerLevel=ERROR")
	eventually(t, "VictoriaMetrics answers", func() bool {
		resp, err := http.Get("http://" + addr + "/health")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	first, second := newDoor(t, addr), newDoor(t, addr)
	s := boot(t, "VM_ENDPOINTS="+first.url()+","+second.url())
	viewer, other := user(t, s, "MIRADOR_VIEWER_TOKEN"), user(t, s, "MIRADOR_OTHER_TOKEN")

	eventually(t, "the demo's samples are visible", func() bool {
		return strings.Contains(string(viewer.Get(t, "/api/v1/query?query=up").Body), "demo-marker") &&
			strings.Contains(string(other.Get(t, "/api/v1/query?query=up").Body), "other-marker")
	})
	for _, widen := range []string{
		`up or {vm_account_id="2"}`, `{vm_account_id="2"}`, `{__name__=~".+",marker=~".+"}`,
		`{marker="demo-marker" or marker="other-marker"}`, `label_set(up, "vm_account_id", "2")`,
	} {
		a := viewer.Get(t, "/api/v1/query?query="+escape(widen))
		if strings.Contains(fmt.Sprint(a.At("data")), "other-marker") {
			t.Errorf("%s shows the other tenant: %.300s", widen, a.Body)
		}
	}

	first.shut()
	for i := range 40 {
		a := viewer.Get(t, fmt.Sprintf("/api/v1/query?query=count(up)%%2B%d", i))
		if a.Status != http.StatusOK {
			t.Fatalf("query %d after one address went away: %d %s", i, a.Status, a.Body)
		}
	}
}

func escape(q string) string { return url.QueryEscape(q) }
