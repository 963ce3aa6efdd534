// Package problem writes faults as clients see them: RFC 9457 problem
// documents, the error shapes of Prometheus' and Jaeger's APIs for their
// compatible prefixes, and the pages behind the `type` of every problem.
package problem

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// ContentType of problem documents.
const ContentType = "application/problem+json"

// Base is the path under which every problem type resolves.
const Base = "/problems/"

// Context says which request a problem belongs to.
type Context struct {
	// Instance is the path of the request, without its query.
	Instance string
	// RequestID and TraceID lead to the logs; TraceID may be empty.
	RequestID, TraceID string
}

type field struct {
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

// Document gives the problem document of a fault.
func Document(f *fault.Error, c Context) []byte {
	entry := f.Code.Entry()
	doc := map[string]any{}
	for name, value := range f.Extra {
		doc[name] = value
	}
	doc["type"] = Base + string(entry.Code)
	doc["title"] = entry.Title
	doc["status"] = f.Kind().HTTPStatus()
	doc["code"] = entry.Code
	doc["error"] = message(f, entry)
	doc["instance"] = c.Instance
	doc["request_id"] = c.RequestID
	set(doc, "detail", f.Detail)
	set(doc, "trace_id", c.TraceID)
	if len(f.Fields) > 0 {
		doc["errors"] = fields(f)
	}
	if len(f.Suggestions) > 0 {
		doc["suggestions"] = f.Suggestions
	}
	if f.RetryAfter > 0 {
		doc["retry_after"] = Seconds(f.RetryAfter)
	}
	return encode(doc)
}

// message never gives the private text of an internal fault away.
func message(f *fault.Error, entry fault.Entry) string {
	if f.Message == "" {
		return entry.Title
	}
	return f.Message
}

func set(doc map[string]any, name, value string) {
	if value != "" {
		doc[name] = value
	}
}

func fields(f *fault.Error) []field {
	list := make([]field, 0, len(f.Fields))
	for _, x := range f.Fields {
		list = append(list, field{x.Pointer, x.Detail})
	}
	return list
}

// Seconds rounds a wait up: a client that comes back early is refused again.
func Seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// RetryAfter is the value of the header, or "" when the fault knows none.
func RetryAfter(f *fault.Error) string {
	if f.RetryAfter <= 0 {
		return ""
	}
	return strconv.Itoa(Seconds(f.RetryAfter))
}

// Prometheus gives the same fault in the error shape of Prometheus' API.
func Prometheus(f *fault.Error) []byte {
	text := message(f, f.Code.Entry())
	if f.Detail != "" {
		text += ": " + f.Detail
	}
	return encode(map[string]any{"status": "error", "errorType": errorType(f.Kind().HTTPStatus()), "error": text})
}

// Jaeger gives the same fault in the error shape of Jaeger's API.
func Jaeger(f *fault.Error) []byte {
	text := message(f, f.Code.Entry())
	if f.Detail != "" {
		text += ": " + f.Detail
	}
	return encode(map[string]any{"data": nil, "total": 0, "limit": 0, "offset": 0,
		"errors": []map[string]any{{"code": f.Kind().HTTPStatus(), "msg": text}}})
}

// errorType names a status in Prometheus' words.
func errorType(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "bad_data"
	case http.StatusUnprocessableEntity:
		return "execution"
	case 499:
		return "canceled"
	case http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return "timeout"
	case http.StatusNotFound:
		return "not_found"
	case http.StatusUnauthorized:
		return "unauthorized"
	case http.StatusForbidden:
		return "forbidden"
	case http.StatusNotAcceptable:
		return "not_acceptable"
	case http.StatusTooManyRequests:
		return "too_many_requests"
	}
	if status >= http.StatusInternalServerError {
		return "internal"
	}
	return "bad_data"
}

// encode falls back to the bare minimum when an extension cannot be encoded:
// an error answer must not fail in its turn.
func encode(doc map[string]any) []byte {
	b, err := json.Marshal(doc)
	if err != nil {
		return []byte(`{"type":"about:blank","status":` + strconv.Itoa(http.StatusInternalServerError) + `}`)
	}
	return b
}
