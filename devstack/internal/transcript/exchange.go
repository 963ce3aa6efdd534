// Package transcript replays what real servers were asked and answered, as
// recorded in testdata/golden, and says where a stand-in answers otherwise.
// It is for tests only.
package transcript

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"os"
	"strings"
)

// Exchange is one recorded request and its answer.
type Exchange struct {
	// File is the folder and the file without its ending, like "victorialogs/01-insert".
	File string
	// Name is unique within the file.
	Name     string
	Request  Request
	Response Response
}

// Request is what was sent; the body is one of Body, Base64 and BodyFile.
type Request struct {
	Method   string
	Path     string
	Query    [][2]string // names and values, not encoded, in the order sent
	RawQuery string      `json:"raw_query"` // as sent, in place of Query
	Headers  map[string]string
	List     [][2]string `json:"headers_list"` // of requests with a header that stands twice
	Body     string
	Base64   string `json:"body_base64"`
	BodyFile string `json:"body_file"`                 // below testdata/golden
	CutFrom  int    `json:"body_truncated_from_bytes"` // set when Body leaves out its middle
}

// Response is what was answered.
type Response struct {
	Status     int
	Headers    map[string]string
	Body       string
	CutFrom    int     `json:"body_truncated_from_chars"` // set when Body leaves out its end
	Excerpt    bool    `json:"body_excerpt"`              // Body was shortened by hand
	Chunks     []Chunk `json:"chunks_ms_text"`            // of a stream, in place of Body
	Connection string  // set when there was no answer: what became of the connection
}

// Chunk is a piece of a streamed answer.
type Chunk struct {
	AfterMS float64 // milliseconds since the request
	Text    string
}

// UnmarshalJSON reads [milliseconds, text].
func (c *Chunk) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &[]any{&c.AfterMS, &c.Text}) }

// ID names an exchange among those of all files.
func (e Exchange) ID() string { return e.File + "/" + e.Name }

// Arg is the first value of a query argument, "" without one.
func (e Exchange) Arg(name string) string {
	for _, kv := range e.Request.Query {
		if kv[0] == name {
			return kv[1]
		}
	}
	return ""
}

// Query is the encoded query with its question mark, "" without arguments.
func (e Exchange) Query() string {
	if e.Request.RawQuery != "" {
		return "?" + e.Request.RawQuery
	}
	pairs := make([]string, len(e.Request.Query))
	for i, kv := range e.Request.Query {
		pairs[i] = url.QueryEscape(kv[0]) + "=" + url.QueryEscape(kv[1])
	}
	if len(pairs) == 0 {
		return ""
	}
	return "?" + strings.Join(pairs, "&")
}

// Body is the body of the request; what a recording left out of the middle is
// filled up to the recorded length.
func (e Exchange) Body() ([]byte, error) {
	switch {
	case e.Request.BodyFile != "":
		path, err := golden(e.Request.BodyFile)
		if err != nil {
			return nil, err
		}
		return os.ReadFile(path)
	case e.Request.Base64 != "":
		return base64.StdEncoding.DecodeString(e.Request.Base64)
	case e.Request.CutFrom > 0:
		head, tail, _ := strings.Cut(e.Request.Body, " ... ")
		return []byte(head + strings.Repeat("y", max(0, e.Request.CutFrom-len(head)-len(tail))) + tail), nil
	}
	return []byte(e.Request.Body), nil
}
