package traces

import (
	"io"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzip"
)

const (
	// chunk is how much of an answer is gathered before it is sent.
	chunk = 64 << 10
	// small answers are not compressed.
	small = 1 << 10
)

// answer sends JSON in chunks, compressed when the client takes gzip.
type answer struct {
	w     http.ResponseWriter
	to    io.Writer
	zip   *gzip.Writer
	takes bool // gzip
}

func newAnswer(w http.ResponseWriter, r *http.Request) *answer {
	w.Header().Set("Content-Type", "application/json")
	return &answer{w: w, to: w, takes: strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && r.Method != http.MethodHead}
}

// spill sends what is gathered once it is a chunk.
func (a *answer) spill(b []byte) []byte {
	if len(b) < chunk {
		return b
	}
	return a.send(b)
}

// send ignores an error: the client has gone, nobody is left to be told.
func (a *answer) send(b []byte) []byte {
	if a.takes && a.zip == nil && len(b) >= small {
		a.w.Header().Set("Content-Encoding", "gzip")
		a.zip, _ = gzip.NewWriterLevel(a.w, gzip.BestSpeed) // the level is a good one
		a.to = a.zip
	}
	a.takes = false
	_, _ = a.to.Write(b)
	return b[:0]
}

func (a *answer) close(b []byte) {
	a.send(b)
	if a.zip != nil {
		_ = a.zip.Close()
	}
}
