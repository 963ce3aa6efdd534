package metrics

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// chunk is how much of an answer is gathered before it is sent.
const chunk = 64 << 10

// output sends an answer in chunks, compressed when the client takes gzip.
type output struct {
	w    io.Writer
	zip  *gzip.Writer
	pool *sync.Pool
	buf  []byte
	err  error
}

func (s *Server) newOutput(w http.ResponseWriter, r *http.Request, contentType string) *output {
	w.Header().Set("Content-Type", contentType)
	out := &output{w: w, buf: make([]byte, 0, 4<<10)}
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && r.Method != http.MethodHead {
		w.Header().Set("Content-Encoding", "gzip")
		out.zip, out.pool = s.zips.Get().(*gzip.Writer), &s.zips
		out.zip.Reset(w)
		out.w = out.zip
	}
	return out
}

// spill sends what is gathered once it is a chunk.
func (o *output) spill() {
	if len(o.buf) >= chunk {
		o.flush()
	}
}

func (o *output) flush() {
	if o.err == nil {
		_, o.err = o.w.Write(o.buf)
	}
	o.buf = o.buf[:0]
}

// close sends the rest. An error is the client's having gone: nobody is left
// to be told.
func (o *output) close() {
	o.flush()
	if o.zip != nil {
		o.err = o.zip.Close()
		o.pool.Put(o.zip)
	}
}

// newZip makes the compressors that answers reuse: each holds about a megabyte.
func newZip() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	return z
}

const (
	jsonType   = "application/json"
	streamType = "application/stream+json; charset=utf-8"
	textType   = "text/plain; charset=utf-8"
)

func (s *Server) sendJSON(w http.ResponseWriter, r *http.Request, body []byte) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	s.sendPlain(w, r, body)
}

// failJSON is the error shape of the query API.
func failJSON(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Content-Type", jsonType)
	w.WriteHeader(status)
	code := strconv.Itoa(status)
	body := appendString([]byte(`{"status":"error","errorType":"`+code+`","error":`), text)
	_, _ = w.Write(append(body, '}'))
}

// fail is the error shape of all other routes.
func fail(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", textType)
	w.WriteHeader(status)
	_, _ = fmt.Fprintln(w, text)
}

// sendPlain sends JSON on the routes that the real server keeps from other origins.
func (s *Server) sendPlain(w http.ResponseWriter, r *http.Request, body []byte) {
	out := s.newOutput(w, r, jsonType)
	out.buf = append(out.buf, body...)
	out.close()
}

// fixed answers with a constant JSON body.
func fixed(body string) endpoint {
	return func(s *Server, w http.ResponseWriter, r *http.Request, _ scope) { s.sendPlain(w, r, []byte(body)) }
}
