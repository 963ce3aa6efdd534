package victorialogs

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/upstream"
	"github.com/platformbuilds/mirador-core/services/logs/internal/logsql"
)

// maxErrorBody of the back end that is read.
const maxErrorBody = 64 << 10

const (
	msgFailed   = "The logs back end failed"
	msgRejected = "The logs back end refused the query"
)

// backendError is the back end's own word, for the log.
type backendError struct {
	status int
	text   string
}

// Error gives status and text.
func (e backendError) Error() string {
	return "victorialogs answered " + strconv.Itoa(e.status) + ": " + upstream.Clip(e.text)
}

func readError(res *upstream.Response) string {
	raw, _ := io.ReadAll(io.LimitReader(res.Body, maxErrorBody))
	var body struct{ Error string }
	if json.Unmarshal(raw, &body) == nil && body.Error != "" {
		return body.Error
	}
	return strings.TrimSpace(string(raw))
}

// refusal is the fault of an answer that is not 200. Only what the caller can
// change is told to the caller, in Detail; the rest is the cause, for the log.
func refusal(res *upstream.Response, q Query, sent, filter string) error {
	text := readError(res)
	cause := backendError{status: res.Status, text: text}
	why, code := blame(text, sent)
	if code == "" {
		return fault.New(fault.CodeBackendFailed, msgFailed).Wrap(cause)
	}
	f := fault.New(code, msgRejected).WithDetail("%s", upstream.Scrub(why, upstream.Asked{Query: sent, Added: filter})).Wrap(cause)
	asked := q.Asked
	if asked == "" {
		asked = q.Text
	}
	if at, ok := stopped(text, sent); ok && code == fault.CodeQueryInvalid {
		p := logsql.Locate(asked, sent, at)
		f = f.WithExtra("position", map[string]any{"offset": float64(p.Offset), "line": float64(p.Line), "column": float64(p.Column)})
	}
	return f
}

// blame tells whether the query is at fault, and gives the reason without the
// echo of the query. The code is empty when it is not.
func blame(text, sent string) (why string, code fault.Code) {
	if why, ok := strings.CutPrefix(text, "cannot parse query ["+sent+"]: "); ok {
		return withoutContext(why), fault.CodeQueryInvalid
	}
	if _, why, ok := cut(text, "cannot parse query [", "]: "); ok {
		return withoutContext(why), fault.CodeQueryInvalid
	}
	if _, why, ok := cut(text, "cannot execute query [", "]: "); ok {
		return why, executing(why)
	}
	if before, _, ok := strings.Cut(text, " in the query ["); ok {
		return before, fault.CodeQueryInvalid
	}
	if before, after, ok := cut(text, "the query [", "] "); ok && before == "" {
		after, _, _ = strings.Cut(after, "; see ")
		return "the query " + after, fault.CodeQueryInvalid
	}
	return "", ""
}

// cut gives what is before the mark and what is behind the last end after it.
func cut(text, mark, end string) (before, after string, ok bool) {
	before, after, ok = strings.Cut(text, mark)
	if !ok {
		return "", "", false
	}
	at := strings.LastIndex(after, end)
	if at < 0 {
		return "", "", false
	}
	return before, after[at+len(end):], true
}

func withoutContext(why string) string {
	if at := strings.LastIndex(why, "; context: ["); at >= 0 {
		return why[:at]
	}
	return why
}

// executing is the code of a query that was read but could not be finished.
func executing(why string) fault.Code {
	switch {
	case strings.Contains(why, "deadline") || strings.Contains(why, "timeout") || strings.Contains(why, "-search.maxQueryDuration"):
		return fault.CodeTimeout
	case strings.Contains(why, "memory") || strings.Contains(why, "-search.max") || strings.Contains(why, "exceed"):
		return fault.CodeQueryTooExpensive
	}
	return fault.CodeQueryRejected
}

// stopped is where in the query that was sent the back end stopped reading.
// Its context is the last 50 bytes that it had read.
func stopped(text, sent string) (int, bool) {
	_, context, ok := strings.Cut(text, "; context: [")
	if at := strings.LastIndex(text, "; context: ["); at >= 0 {
		context = text[at+len("; context: ["):]
	}
	if !ok {
		return 0, false
	}
	context, _, _ = strings.Cut(context, "]; tail: [")
	context = strings.TrimSuffix(context, "]")
	if strings.HasPrefix(sent, context) {
		return len(context), true
	}
	if at := strings.Index(sent, context); at >= 0 && strings.LastIndex(sent, context) == at {
		return at + len(context), true
	}
	return 0, false
}
