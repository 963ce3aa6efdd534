package upstream

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"
)

const (
	// maxTries of one call, each on another endpoint.
	maxTries = 3
	// firstPause before the second try; it doubles for the third.
	firstPause = 10 * time.Millisecond
)

// Target is what is asked of an endpoint.
type Target struct {
	// Path below the endpoint's own, escaped, beginning with a slash.
	Path string
	// Query is the raw query string, without question mark.
	Query string
	// Body to send; it is sent again with each try and must not change.
	Body []byte
}

// Request is one call to the back end. It is built from nothing: what a client
// sent never passes but through the caller's hands.
type Request struct {
	// Method of HTTP.
	Method string
	// Target of the call on any endpoint.
	Target
	// At gives the target per endpoint instead, for back ends whose endpoints
	// speak different dialects.
	At func(endpoint string) Target
	// Header to send; it is not changed.
	Header http.Header
	// Idempotent calls may be tried again on another endpoint.
	Idempotent bool
	// Prefer names the endpoint for the first try, while it is fit.
	Prefer string
}

// Do sends the call and gives the answer of the back end when its status is
// below 500 and is not a redirect, 401, 403 or 429. Everything else is a fault: 503
// when no endpoint answers or all are busy, 504 when the time is over, 502
// when the answer is of no use. The body must be closed.
func (p *Pool) Do(ctx context.Context, r Request) (*Response, error) {
	ctx, cancel := within(ctx, p.cfg.Timeout)
	p.budget.called()
	resp, err := p.tries(ctx, &r)
	if err != nil {
		err = p.failure(ctx, err)
		cancel()
		return nil, err
	}
	resp.body.release = cancel
	return resp, nil
}

// within bounds a context that is not bounded more closely already.
func within(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= timeout {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, timeout)
}

func (p *Pool) tries(ctx context.Context, r *Request) (*Response, error) {
	var tried []*endpoint
	var last error
	for {
		e := p.pick(tried, r.Prefer)
		if e == nil {
			return nil, first(last, errNoEndpoint)
		}
		resp, err := p.try(ctx, e, r)
		if err == nil {
			return resp, nil
		}
		last = err
		tried = append(tried, e)
		if !p.again(ctx, r, tried, err) {
			return nil, last
		}
	}
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// again decides whether another try makes sense and waits until its moment.
func (p *Pool) again(ctx context.Context, r *Request, tried []*endpoint, err error) bool {
	if !r.Idempotent || len(tried) >= maxTries || ctx.Err() != nil || !worthRetry(err) {
		return false
	}
	if len(*p.endpoints.Load()) <= len(tried) {
		return false
	}
	if !p.budget.take(time.Now()) {
		p.metrics.retries.WithLabelValues("refused").Inc()
		return false
	}
	p.metrics.retries.WithLabelValues("sent").Inc()
	return sleep(ctx, rand.N(firstPause<<len(tried)))
}

// request builds the outgoing request without parsing a URL again.
func (p *Pool) request(ctx context.Context, e *endpoint, r *Request) (*http.Request, error) {
	t := r.Target
	if r.At != nil {
		t = r.At(e.key)
	}
	path, err := url.PathUnescape(t.Path)
	if err != nil {
		return nil, err
	}
	u := &url.URL{Scheme: e.base.Scheme, Host: e.base.Host, Path: e.base.Path + path, RawQuery: t.Query}
	if path != t.Path {
		u.RawPath = e.base.EscapedPath() + t.Path
	}
	req := &http.Request{Method: r.Method, URL: u, Host: u.Host, Header: p.header(ctx, r),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	setBody(req, t.Body)
	return req.WithContext(ctx), nil
}

func (p *Pool) header(ctx context.Context, r *Request) http.Header {
	h := make(http.Header, len(r.Header)+4)
	for name, values := range r.Header {
		h[name] = values
	}
	if p.cfg.Compression {
		h["Accept-Encoding"] = []string{"zstd, gzip"}
	}
	if p.auth != "" {
		h["Authorization"] = []string{p.auth}
	}
	if r.Idempotent {
		// Without a value it is not sent, but lets the transport repeat a POST
		// whose kept connection turns out to be closed.
		h["Idempotency-Key"] = nil
	}
	h["User-Agent"] = []string{"mirador"}
	if p.deps.Propagate != nil {
		p.deps.Propagate(ctx, h)
	}
	return h
}
