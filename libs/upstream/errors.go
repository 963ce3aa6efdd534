package upstream

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

var (
	errNoEndpoint = errors.New("no endpoint is fit for use")
	// errDead is the cause with which waiting calls are cut when a probe finds
	// their endpoint dead.
	errDead     = errors.New("endpoint does not answer its probe")
	errRedirect = errors.New("back end redirects")
)

// statusError is an answer that is no answer: the back end is broken, busy,
// elsewhere, or does not know us.
type statusError struct {
	status     int
	retryAfter time.Duration
	text       string
}

func (e *statusError) Error() string {
	return fmt.Sprintf("back end answered %d: %s", e.status, e.text)
}

// failure makes the fault that callers see. Addresses and the back end's own
// words stay in the private cause.
func (p *Pool) failure(ctx context.Context, err error) error {
	var f *fault.Error
	var st *statusError
	switch {
	case errors.As(err, &f):
		return err
	case errors.Is(context.Cause(ctx), context.Canceled):
		return fault.New(fault.CodeCanceled, "Request canceled").Wrap(err)
	case ctx.Err() != nil:
		return fault.New(fault.CodeTimeout, "Deadline exceeded").
			WithDetail("the %s back end did not answer in time", p.cfg.Name).Wrap(err)
	case errors.As(err, &st):
		return p.refused(st)
	case errors.Is(err, errBroken):
		return p.broken(err)
	}
	return fault.New(fault.CodeBackendDown, "Back end unavailable").
		WithDetail("no endpoint of the %s back end answers", p.cfg.Name).WithRetryAfter(time.Second).Wrap(err)
}

func (p *Pool) broken(err error) error {
	return fault.New(fault.CodeBackendFailed, "Back end failed").
		WithDetail("the %s back end gave an answer that cannot be used", p.cfg.Name).Wrap(err)
}

func (p *Pool) refused(st *statusError) error {
	switch st.status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return fault.New(fault.CodeBackendDown, "Back end unavailable").
			WithDetail("the %s back end is busy", p.cfg.Name).WithRetryAfter(max(st.retryAfter, time.Second)).Wrap(st)
	case http.StatusGatewayTimeout:
		return fault.New(fault.CodeTimeout, "Deadline exceeded").
			WithDetail("the %s back end did not answer in time", p.cfg.Name).Wrap(st)
	}
	return p.broken(st)
}

// retryAfter reads the header's form in seconds; a back end that sends a date
// or nonsense gets none.
func retryAfter(h http.Header) time.Duration {
	n, err := strconv.ParseUint(h.Get("Retry-After"), 10, 16)
	if err != nil {
		return 0
	}
	return min(time.Duration(n)*time.Second, time.Minute)
}
