package faults

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/e2e/stack"
)

func TestValkeyGone(t *testing.T) {
	port := stack.FreePort()
	args := []string{"--bind", "127.0.0.1", "--port", fmt.Sprint(port), "--save", "", "--appendonly", "no"}
	valkey := server(t, "redis-server", args...)
	s := boot(t, fmt.Sprintf("VALKEY_CACHE_NODES=127.0.0.1:%d", port))
	viewer := user(t, s, "MIRADOR_VIEWER_TOKEN")
	anonymous := user(t, s, "MIRADOR_VIEWER_TOKEN")
	anonymous.Token = ""
	name, _ := s.Env("MIRADOR_ADMIN_USER")
	password, _ := s.Env("MIRADOR_ADMIN_PASSWORD")
	login := anonymous.Post(t, "/api/v1/auth/login", map[string]string{"username": name, "password": password}).Want(t, 200)
	session := fmt.Sprint(login.At("data", "session_id"))
	fixed := "/api/v1/query?time=now-10m&query=" + url.QueryEscape("count(up) + 0")
	viewer.Get(t, fixed).Want(t, 200)

	kill(valkey)
	eventually(t, "readyz says that Valkey is away", func() bool {
		body := string(viewer.Get(t, "/readyz?verbose").Want(t, 200).Body)
		return strings.Contains(body, "degraded")
	})
	a := viewer.Get(t, fixed).Want(t, 200)
	if got := a.Header.Get("X-Cache"); got == "HIT" {
		t.Errorf("X-Cache %q without Valkey", got)
	}
	if a.Header.Get("X-Rate-Limit-Remaining") == "" {
		t.Error("no limit holds without Valkey")
	}
	anonymous.Get(t, "/api/v1/auth/me", "X-Session-Token: "+session).WantProblem(t, 503, "")

	server(t, "redis-server", args...)
	eventually(t, "a cached answer once Valkey is back", func() bool {
		return viewer.Get(t, fixed).Want(t, 200).Header.Get("X-Cache") == "HIT"
	})
}
