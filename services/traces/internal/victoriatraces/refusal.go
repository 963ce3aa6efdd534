package victoriatraces

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/upstream"
)

const (
	// maxErrorBody of the back end that is read.
	maxErrorBody = 64 << 10

	msgFailed   = "The traces back end failed"
	msgRejected = "The traces back end refused the request"
)

// refusal is an answer that is not 200.
type refusal struct {
	status int
	text   string
	// json answers are Jaeger's own.
	json bool
}

func readRefusal(res *upstream.Response) *refusal {
	raw, _ := io.ReadAll(io.LimitReader(res.Body, maxErrorBody))
	r := &refusal{status: res.Status, text: strings.TrimSpace(string(raw))}
	var body struct{ Errors []struct{ Msg string } }
	if isJSON(res.Header) && json.Unmarshal(raw, &body) == nil && len(body.Errors) > 0 {
		r.text, r.json = body.Errors[0].Msg, true
	}
	return r
}

// Error gives status and text, for the log.
func (r *refusal) Error() string {
	return "the traces back end answered " + strconv.Itoa(r.status) + ": " + upstream.Clip(r.text)
}

// missing tells that the endpoint does not exist there.
func (r *refusal) missing() bool {
	return r.status == http.StatusNotFound || r.status == http.StatusNotImplemented || r.status == http.StatusMethodNotAllowed ||
		strings.Contains(r.text, "unsupported path") || strings.Contains(r.text, "not supported")
}

// unknownTrace is Jaeger's 404. Any other 404 comes from something that is not
// the API, and must not pass for an answer.
func (r *refusal) unknownTrace() bool {
	return r.status == http.StatusNotFound && r.json && strings.Contains(r.text, "trace")
}

// judged makes faults of refusals and leaves other errors alone. Only what the
// caller can change is told to the caller.
func judged(err error) error {
	var r *refusal
	if !errors.As(err, &r) {
		return err
	}
	if r.status == http.StatusBadRequest && !r.missing() {
		return fault.New(fault.CodeQueryRejected, msgRejected).
			WithDetail("%s", upstream.Scrub(r.text, upstream.Asked{})).Wrap(err)
	}
	return fault.New(fault.CodeBackendFailed, msgFailed).
		WithDetail("the traces back end does not answer as VictoriaTraces or Jaeger do").Wrap(err)
}

// broken is the fault of an answer with status 200 that cannot be used.
func broken(err error) error {
	var known *fault.Error
	if errors.As(err, &known) {
		return err
	}
	return fault.New(fault.CodeBackendFailed, msgFailed).
		WithDetail("the back end's answer is incomplete or not valid").Wrap(err)
}
