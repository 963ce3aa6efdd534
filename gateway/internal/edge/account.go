package edge

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/platformbuilds/mirador-core/gateway/internal/login"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

// loginTimeout leaves room for the password hash on a busy machine.
const loginTimeout = 10 * time.Second

// success is the contract's envelope.
type success struct {
	Status string `json:"status"`
	Data   any    `json:"data"`
}

func done(x *exchange, data any) error { return reply(x, 200, success{"success", data}) }

// login exchanges a user name and a password for a token and a session.
func (e *Edge) login(x *exchange) error {
	attempt, err := attemptOf(x)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(x.ctx, loginTimeout)
	defer cancel()
	grant, err := e.parts.Login.Login(ctx, attempt)
	if err != nil {
		return err //nolint:wrapcheck // a fault for the caller
	}
	return granted(x, grant)
}

// attemptOf reads the body of a login: two texts and nothing else.
func attemptOf(x *exchange) (login.Attempt, error) {
	a := login.Attempt{Address: x.client, Agent: clip(x.header("User-Agent"))}
	targets := map[string]*string{"username": &a.User, "password": &a.Password}
	f := fault.New(fault.CodeInvalidRequest, badRequest(x.row()))
	for _, name := range slices.Sorted(maps.Keys(x.in.members)) {
		target, known := targets[name]
		switch {
		case !known:
			f = f.WithField("/"+name, "is not a known member")
		case json.Unmarshal(x.in.members[name], target) != nil:
			f = f.WithField("/"+name, "must be a text")
		}
	}
	for _, name := range []string{"username", "password"} {
		if _, given := x.in.members[name]; !given {
			f = f.WithField("/"+name, "is required")
		}
	}
	if len(f.Fields) > 0 {
		return a, f
	}
	return a, nil
}

// refresh exchanges a session id for a new one. The id is the credential; a
// spent one is the mark of a theft, which is why login must see it itself.
func (e *Edge) refresh(x *exchange) error {
	session := e.credential(x)
	if session == "" {
		return fault.New(fault.CodeAuthRequired, "Authentication required")
	}
	if err := e.sameSite(x); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(x.ctx, guardTimeout)
	defer cancel()
	grant, err := e.parts.Login.Refresh(ctx, session)
	if err != nil {
		return err //nolint:wrapcheck // a fault for the caller
	}
	return granted(x, grant)
}

// logout ends the session behind the credential.
func (e *Edge) logout(x *exchange) error {
	ctx, cancel := context.WithTimeout(x.ctx, guardTimeout)
	defer cancel()
	setCookie(x, e.parts.Login.NoCookie())
	if err := e.parts.Login.Logout(ctx, x.principal); err != nil {
		return err //nolint:wrapcheck // a fault for the caller
	}
	return done(x, map[string]bool{"logged_out": true})
}

// me tells the caller who it is.
func (e *Edge) me(x *exchange) error { return done(x, x.principal.Me()) }

// granted answers with a grant, which nobody may keep.
func granted(x *exchange, g *login.Grant) error {
	x.set("Cache-Control", "no-store")
	if cookie, ok := g.Cookie(); ok {
		setCookie(x, cookie)
	}
	return done(x, g)
}

// setCookie writes the session cookie, or removes it.
func setCookie(x *exchange, c login.Cookie) {
	k := fasthttp.AcquireCookie()
	defer fasthttp.ReleaseCookie(k)
	k.SetKey(login.CookieName)
	k.SetValue(c.Value)
	k.SetPath("/")
	k.SetHTTPOnly(true)
	k.SetSecure(c.Secure)
	k.SetSameSite(fasthttp.CookieSameSiteLaxMode)
	if c.Value == "" || c.MaxAge <= 0 {
		k.SetExpire(fasthttp.CookieExpireDelete)
	} else {
		k.SetMaxAge(int(c.MaxAge.Seconds()))
	}
	x.req.Response.Header.SetCookie(k)
}
