package victoriametrics

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/upstream"
)

// maxErrorBody of the back end that is read.
const maxErrorBody = 64 << 10

const (
	msgFailed   = "The metrics back end failed"
	msgRejected = "The metrics back end refused the request"
)

// errorBody is the back end's answer to a refused request.
type errorBody struct {
	Error string `json:"error"`
}

// isJSON tells an answer of the API from a page of something else.
func isJSON(h http.Header) bool {
	if h.Get("Content-Type") == "application/json" {
		return true
	}
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && (kind == "application/json" || kind == "application/stream+json")
}

// refusal is an answer that is not 200.
type refusal struct {
	endpoint string
	status   int
	text     string
	json     bool
}

func readRefusal(res *upstream.Response) refusal {
	raw, _ := io.ReadAll(io.LimitReader(res.Body, maxErrorBody))
	r := refusal{endpoint: res.Endpoint, status: res.Status, text: string(raw)}
	var body errorBody
	if isJSON(res.Header) && json.Unmarshal(raw, &body) == nil && body.Error != "" {
		r.text, r.json = body.Error, true
	}
	return r
}

// unknownPath tells that the endpoint is of the other mode. Neither kind of
// server answers 404 for data that it lacks.
func (r refusal) unknownPath() bool {
	return r.status == http.StatusNotFound || r.status == http.StatusBadRequest && !r.json &&
		(strings.Contains(r.text, "unsupported path") || strings.Contains(r.text, "unsupported URL format"))
}

// fault of the refusal. Only what the caller can change is told to the caller,
// in Detail; the rest is the cause, for the log.
func (r refusal) fault(about call) error {
	cause := backendError{status: r.status, text: upstream.Clip(r.text)}
	ours := strings.HasPrefix(r.text, "cannot parse extra_filters")
	if !r.json || ours || r.status != http.StatusBadRequest && r.status != http.StatusUnprocessableEntity {
		return fault.New(fault.CodeBackendFailed, msgFailed).Wrap(cause)
	}
	if timedOut(r.text) {
		return fault.New(fault.CodeTimeout, msgFailed).WithDetail("the metrics back end did not answer in time").Wrap(cause)
	}
	f := fault.New(r.code(), msgRejected).WithDetail("%s", scrub(r.text, about))
	return located(f, about.query, r.text).Wrap(cause)
}

// code of a request that the back end cannot evaluate. Older servers answer
// syntax errors with 422, too.
func (r refusal) code() fault.Code {
	switch {
	case strings.Contains(r.text, "too many points"), strings.Contains(r.text, "-search.max"):
		return fault.CodeQueryTooExpensive
	case r.status == http.StatusBadRequest, strings.Contains(r.text, "unparsed data"), strings.Contains(r.text, "cannot recognize "):
		return fault.CodeQueryInvalid
	}
	return fault.CodeQueryRejected
}

func timedOut(text string) bool {
	return strings.Contains(text, "timeout exceeded") || strings.Contains(text, "deadline exceeded")
}

// backendError is the back end's own word, for the log.
type backendError struct {
	status int
	text   string
}

// Error gives status and text.
func (e backendError) Error() string {
	return "victoriametrics answered " + strconv.Itoa(e.status) + ": " + e.text
}
