package endpoint

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

func errorf(format string, args ...any) error { return fmt.Errorf(format, args...) }

// answer is a body under way: nothing is sent before its first bytes are many
// or finish is called, so that errors up to then have a status of their own.
type answer struct {
	w    http.ResponseWriter
	r    *http.Request
	zip  *gzip.Writer
	body *bufio.Writer
	sent bool
	kind string
}

const bufferSize = 64 << 10

func newAnswer(w http.ResponseWriter, r *http.Request) *answer {
	a := &answer{w: w, r: r, kind: streamType}
	a.body = bufio.NewWriterSize(writerFunc(a.send), bufferSize)
	return a
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func (a *answer) send(p []byte) (int, error) {
	if !a.sent {
		a.begin()
	}
	var to io.Writer = a.w
	if a.zip != nil {
		to = a.zip
	}
	return to.Write(p)
}

func (a *answer) begin() {
	a.sent = true
	a.w.Header().Set("Content-Type", a.kind)
	if strings.Contains(a.r.Header.Get("Accept-Encoding"), "gzip") {
		a.w.Header().Set("Content-Encoding", "gzip")
		a.zip, _ = gzip.NewWriterLevel(a.w, gzip.BestSpeed) // the level is a good one
	}
}

// finish sends the rest, or the error; an error in the middle breaks the connection.
func (a *answer) finish(err error) {
	if err != nil && !a.sent {
		fail(a.w, a.r, err)
		return
	}
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if !a.sent {
		a.begin()
	}
	_ = a.body.Flush() // the client is gone
	if a.zip != nil {
		_ = a.zip.Close()
	}
}

// json sends a value as JSON.
func (a *answer) json(v any) error {
	a.kind = jsonType
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = a.body.Write(text)
	return err
}

// fail answers 400 with a line of text; the statistics routes 422 with JSON,
// as Prometheus does.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	if strings.HasPrefix(r.URL.Path, "/select/logsql/stats_query") {
		w.Header().Set("Content-Type", jsonType)
		w.WriteHeader(http.StatusUnprocessableEntity)
		text, _ := json.Marshal(struct {
			Status string `json:"status"`
			Type   string `json:"errorType"`
			Error  string `json:"error"`
		}{"error", "422", err.Error()})
		_, _ = w.Write(text)
		return
	}
	w.Header().Set("Content-Type", textType)
	w.WriteHeader(http.StatusBadRequest)
	_, _ = io.WriteString(w, err.Error()+"\n")
}
