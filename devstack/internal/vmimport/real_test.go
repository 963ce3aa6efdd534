package vmimport

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// startReal runs a real single node and returns its URL.
func startReal(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("victoria-metrics")
	if err != nil {
		t.Skip("real component missing: victoria-metrics")
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	server := exec.Command(path, "-httpListenAddr="+address, "-storageDataPath="+t.TempDir(), "-retentionPeriod=10y", "-search.latencyOffset=0s")
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	within(t, "server answers", func() bool { return get("http://"+address+"/health") != "" })
	return "http://" + address
}

func within(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within 30 s: %s", what)
		}
	}
}

// get returns the body of a 200, else "".
func get(address string) string {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(address)
	if err != nil {
		return ""
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return ""
	}
	return string(text)
}

func TestRealSingleNodeKeepsTenantsApartByLabels(t *testing.T) {
	base := startReal(t)
	c := New(Options{Endpoint: base})
	defer c.Close()
	for _, tenant := range []Tenant{{Account: 1}, {Account: 2, Project: 3}} {
		if err := c.Write(context.Background(), tenant, []byte("# TYPE shop_up gauge\nshop_up{service=\"cart\"} 1 1772809200000\n")); err != nil {
			t.Fatal(err)
		}
	}
	export := base + "/api/v1/export?" + url.Values{"match[]": {`shop_up{vm_account_id="2",vm_project_id="3"}`}}.Encode()
	within(t, "the written sample is there", func() bool {
		_ = get(base + "/internal/force_flush")
		return get(export) != ""
	})
	if got := get(export); strings.Count(got, "\n") != 1 || !strings.Contains(got, `"service":"cart"`) || !strings.Contains(got, "1772809200000") {
		t.Errorf("tenant 2:3 has %q, want its one series", got)
	}
}
