package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/e2e/client"
)

type session struct {
	token, id string
	cookie    *http.Cookie
}

func login(t *testing.T) session {
	t.Helper()
	user, errUser := running.Env("MIRADOR_ADMIN_USER")
	password, errPassword := running.Env("MIRADOR_ADMIN_PASSWORD")
	if errUser != nil || errPassword != nil {
		t.Fatal(errUser, errPassword)
	}
	a := nobody.Post(t, "/api/v1/auth/login", map[string]any{"username": user, "password": password}).Want(t, 200)
	var s session
	s.token, _ = a.At("data", "token").(string)
	s.id, _ = a.At("data", "session_id").(string)
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		if strings.HasSuffix(c.Name, "mirador_session") {
			s.cookie = c
		}
	}
	if s.token == "" || s.id == "" || s.cookie == nil {
		t.Fatalf("login gave %s, %v", a.Body, a.Header)
	}
	if a.At("data", "user", "tenant_id") != "demo" || a.At("data", "expires_at") == nil {
		t.Errorf("login gave %s", a.Body)
	}
	return s
}

func TestLogin(t *testing.T) {
	s := login(t)
	if !s.cookie.HttpOnly || s.cookie.SameSite == 0 {
		t.Errorf("cookie %v", s.cookie)
	}
	credentials := map[string]string{
		"token":   "Authorization: Bearer " + s.token,
		"session": "X-Session-Token: " + s.id,
		"bearer":  "Authorization: Bearer " + s.id,
		"cookie":  "Cookie: " + s.cookie.Name + "=" + s.cookie.Value,
	}
	for name, header := range credentials {
		a := nobody.Get(t, "/api/v1/auth/me", header).Want(t, 200)
		if a.At("data", "tenant_id") != "demo" {
			t.Errorf("%s: me is %s", name, a.Body)
		}
		if got := a.Header.Get("Cache-Control"); !strings.Contains(got, "no-store") {
			t.Errorf("%s: Cache-Control %q", name, got)
		}
	}
}

func TestLogoutHolds(t *testing.T) {
	s := login(t)
	me := func(header string) int { return nobody.Get(t, "/api/v1/auth/me", header).Status }
	if me("Authorization: Bearer "+s.token) != 200 {
		t.Fatal("the token does not work")
	}
	nobody.Must(t, "POST", "/api/v1/auth/logout", "", "Authorization: Bearer "+s.token).Want(t, 200)
	for _, header := range []string{"Authorization: Bearer " + s.token, "X-Session-Token: " + s.id} {
		if got := me(header); got != 401 {
			t.Errorf("%.30s after logout: status %d", header, got)
		}
	}
}

func TestRefreshRotates(t *testing.T) {
	s := login(t)
	a := nobody.Must(t, "POST", "/api/v1/auth/refresh", "", "X-Session-Token: "+s.id).Want(t, 200)
	next, _ := a.At("data", "session_id").(string)
	token, _ := a.At("data", "token").(string)
	if next == "" || next == s.id || token == "" {
		t.Fatalf("refresh gave %s", a.Body)
	}
	nobody.Get(t, "/api/v1/auth/me", "X-Session-Token: "+next).Want(t, 200)
	// The old id is a stolen one now: using it ends the whole family.
	nobody.Must(t, "POST", "/api/v1/auth/refresh", "", "X-Session-Token: "+s.id).WantProblem(t, 401, "")
	nobody.Get(t, "/api/v1/auth/me", "X-Session-Token: "+next).WantProblem(t, 401, "")
}

func TestWrongPasswordAndUnknownUserLookAlike(t *testing.T) {
	user, _ := running.Env("MIRADOR_OTHER_USER")
	if user == "" {
		user = "viewer"
	}
	wrong := nobody.Post(t, "/api/v1/auth/login", map[string]any{"username": user, "password": "wrong"}).WantProblem(t, 401, "login_failed")
	unknown := nobody.Post(t, "/api/v1/auth/login", map[string]any{"username": "nosuchuser", "password": "wrong"}).WantProblem(t, 401, "login_failed")
	for _, member := range []string{"error", "detail", "title", "code"} {
		if wrong.At(member) != unknown.At(member) {
			t.Errorf("%s tells them apart: %v, %v", member, wrong.At(member), unknown.At(member))
		}
	}
	nobody.Post(t, "/api/v1/auth/login", map[string]any{"username": user, "password": ""}).WantProblem(t, 400, "").NamesField(t, "password")
}

func TestRights(t *testing.T) {
	const path, body = "/api/v1/schema/metrics", `{"metric":"rights_probe","description":"x"}`
	nobody.Must(t, "POST", path, body).WantProblem(t, 401, "authentication_required")
	viewer.Must(t, "POST", path, body).WantProblem(t, 403, "access_denied")
	other.Must(t, "POST", path, body).WantProblem(t, 403, "access_denied")
	editor.Must(t, "POST", path, body).Want(t, 200)
	admin.Must(t, "POST", path, body).Want(t, 200)
	nobody.Get(t, "/api/v1/query?query=up").WantProblem(t, 401, "authentication_required")
	nobody.Get(t, "/api/v1/query?query=up&token=abc").WantProblem(t, 401, "")
	forged := client.New(viewer.URL, viewer.Token[:len(viewer.Token)-4]+"AAAA")
	forged.Get(t, "/api/v1/query?query=up").WantProblem(t, 401, "token_invalid")
}

func TestClientTenantHeadersAreNotBelieved(t *testing.T) {
	a := viewer.Get(t, "/api/v1/query?query=other_marker_info", "X-Tenant-ID: other", "AccountID: 2", "X_Tenant_ID: other", "X-Mirador-Identity: x").Want(t, 200)
	if strings.Contains(string(a.Body), "other-marker") {
		t.Errorf("a header chose the tenant: %s", a.Body)
	}
}
