package upstream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// maxErrorText of a back end is kept for the log.
const maxErrorText = 512

// try makes one attempt on one endpoint and tells the endpoint how it went.
func (p *Pool) try(ctx context.Context, e *endpoint, r *Request) (*Response, error) {
	e.inflight.Add(1)
	resp, err := p.attempt(ctx, e, r)
	if err != nil {
		e.inflight.Add(-1)
		p.judge(ctx, e, err)
		return nil, fmt.Errorf("endpoint %s: %w", e.key, err)
	}
	e.counts.ok.Inc()
	e.succeeded()
	return resp, nil
}

func (p *Pool) attempt(ctx context.Context, e *endpoint, r *Request) (*Response, error) {
	ctx, cut := context.WithCancelCause(ctx)
	req, err := p.request(ctx, e, r)
	if err != nil {
		cut(nil)
		return nil, err
	}
	watch := p.suspect(ctx, e, cut)
	res, err := p.transport.RoundTrip(req)
	watch.stop()
	if err != nil {
		err = first(deadCause(ctx), err)
		cut(nil)
		return nil, err
	}
	resp, err := p.accept(ctx, e, res, cut)
	if err != nil {
		res.Body.Close()
		cut(nil)
	}
	return resp, err
}

// deadCause is errDead when the probe cut the call.
func deadCause(ctx context.Context) error {
	if cause := context.Cause(ctx); errors.Is(cause, errDead) {
		return cause
	}
	return nil
}

// accept looks at status and beginning of the answer.
func (p *Pool) accept(ctx context.Context, e *endpoint, res *http.Response, cut context.CancelCauseFunc) (*Response, error) {
	if err := checkStatus(res); err != nil {
		return nil, err
	}
	b, err := p.newBody(ctx, e, res, cut)
	if err != nil {
		return nil, err
	}
	if err := b.prefetch(p.cfg.Prefetch, res.ContentLength); err != nil {
		b.codec.close()
		return nil, err
	}
	return &Response{Status: res.StatusCode, Header: allowed(res.Header), Endpoint: e.key, Body: b, body: b}, nil
}

func checkStatus(res *http.Response) error {
	code := res.StatusCode
	switch {
	case code >= 300 && code < 400:
		return fmt.Errorf("%w: %w with status %d", errBroken, errRedirect, code)
	case code < 500 && code != http.StatusUnauthorized && code != http.StatusForbidden && code != http.StatusTooManyRequests:
		return nil
	}
	text, _ := io.ReadAll(io.LimitReader(res.Body, maxErrorText))
	return &statusError{status: code, retryAfter: retryAfter(res.Header), text: strings.ToValidUTF8(string(text), "?")}
}

// judge decides what a failure says about the endpoint. A call that its own
// caller gave up, or whose time ran out, says nothing: the query may be slow.
func (p *Pool) judge(ctx context.Context, e *endpoint, err error) {
	if ctx.Err() != nil {
		return
	}
	e.counts.failed.Inc()
	if p.punish(e, err) {
		p.deps.Log.Warn("endpoint is avoided", "backend", p.cfg.Name, "endpoint", e.key, "error", err)
	}
}

// punish is true when the endpoint is avoided from now on.
func (p *Pool) punish(e *endpoint, err error) bool {
	var st *statusError
	var f *fault.Error
	now := time.Now()
	switch {
	case errors.As(err, &f):
		e.succeeded()
		return false
	case errors.As(err, &st):
		return (st.status >= 500 || st.status == http.StatusTooManyRequests) &&
			e.struck(now, fmt.Sprintf("answers %d", st.status))
	case errors.Is(err, errBroken):
		return e.struck(now, "answers what cannot be used")
	case errors.Is(err, errDead):
		return e.eject(now, dead, "does not answer")
	case notDialled(err):
		return e.eject(now, dead, "cannot be reached")
	}
	// One broken connection is no dead process.
	return e.struck(now, "breaks connections")
}

func notDialled(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// worthRetry is false for answers that another endpoint would give as well.
func worthRetry(err error) bool {
	var f *fault.Error
	if errors.As(err, &f) {
		return false
	}
	var st *statusError
	if errors.As(err, &st) {
		return st.status >= 500 && st.status != http.StatusNotImplemented || st.status == http.StatusTooManyRequests
	}
	return true
}

func setBody(req *http.Request, body []byte) {
	if len(body) == 0 {
		return
	}
	req.ContentLength = int64(len(body))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	req.Body, _ = req.GetBody()
}
