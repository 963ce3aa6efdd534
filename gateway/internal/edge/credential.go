package edge

import (
	"strings"

	"github.com/platformbuilds/mirador-core/gateway/internal/login"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

// source says where a credential came from.
type source uint8

const (
	none source = iota
	bearer
	sessionHeader
	sessionCookie
)

// credentials refuses a request that names more than one credential, or one in
// its URL. It does not look at what they say.
func (e *Edge) credentials(x *exchange) error {
	if args := x.req.QueryArgs(); args.Has("token") || args.Has("access_token") {
		return fault.New(fault.CodeAuthRequired, "Authentication required").
			WithField("token", "a URL must not carry a credential").
			WithDetail("send it as Authorization: Bearer <token>")
	}
	h := &x.req.Request.Header
	found := 0
	for _, c := range []struct {
		present bool
		source  source
	}{
		{len(h.Peek("Authorization")) > 0, bearer},
		{len(h.Peek("X-Session-Token")) > 0, sessionHeader},
		{len(h.Cookie(login.CookieName)) > 0, sessionCookie},
	} {
		if c.present {
			x.source = c.source
			found++
		}
	}
	if found > 1 || strings.Count(string(h.Peek("Cookie")), login.CookieName+"=") > 1 {
		return fault.New(fault.CodeCredentialsMany, "More than one credential").
			WithDetail("send only one of Authorization, X-Session-Token and the cookie %s", login.CookieName)
	}
	return nil
}

// credential is the text to authenticate with, or "" when there is none. An
// Authorization of another scheme counts as an invalid token, not as none.
func (e *Edge) credential(x *exchange) string {
	h := &x.req.Request.Header
	switch x.source {
	case bearer:
		scheme, token, ok := strings.Cut(string(h.Peek("Authorization")), " ")
		if ok && strings.EqualFold(scheme, "Bearer") && strings.TrimSpace(token) != "" {
			return strings.TrimSpace(token)
		}
		return "not a bearer token"
	case sessionHeader:
		return string(h.Peek("X-Session-Token"))
	case sessionCookie:
		return string(h.Cookie(login.CookieName))
	}
	return ""
}

// sameSite holds writes with a cookie to pages of this server or of allowed
// origins: a browser sends the cookie along from any page.
func (e *Edge) sameSite(x *exchange) error {
	if x.source != sessionCookie || x.row().Effect != "write" {
		return nil
	}
	origin := x.header("Origin")
	if origin == "" || origin != e.self(x) && !e.cors.Load().allows(origin) {
		return fault.New(fault.CodeOriginRefused, "Access denied: origin refused").
			WithDetail("a write with a cookie needs an Origin header of this server or of an allowed origin")
	}
	if len(x.req.Request.Body()) > 0 && mediaType(x.header("Content-Type")) != jsonType {
		return fault.New(fault.CodeUnsupportedMedia, "Unsupported media type").WithDetail("a write with a cookie must be application/json")
	}
	return nil
}

// self is the origin of this server as the client knows it.
func (e *Edge) self(x *exchange) string {
	scheme := "http://"
	if x.tls {
		scheme = "https://"
	}
	return scheme + x.header("Host")
}
