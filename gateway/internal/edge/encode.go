package edge

import (
	"bytes"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const (
	// tiny bodies cost more to encode than to send.
	tiny = 1 << 10
	// zstdWindow bounds the memory of one stream at either end.
	zstdWindow = 256 << 10
)

// encoder compresses answers and remembers those that are sent again.
type encoder struct {
	gzips, zstds sync.Pool
	whole        *zstd.Encoder
	memory       *encodedMemory
}

func newEncoder(now func() time.Time) *encoder {
	e := &encoder{memory: newEncodedMemory(now)}
	e.gzips.New = func() any {
		w, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // the level is a valid constant
		return w
	}
	e.zstds.New = func() any { return newZstd() }
	e.whole = newZstd()
	return e
}

func newZstd() *zstd.Encoder {
	w, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), // valid options
		zstd.WithWindowSize(zstdWindow), zstd.WithLowerEncoderMem(true))
	return w
}

// encode compresses a whole answer where client, type and size ask for it.
func (e *Edge) encode(x *exchange) {
	r := &x.req.Response
	body := r.Body()
	if len(body) < tiny || x.method == "HEAD" || len(r.Header.Peek("Content-Encoding")) > 0 {
		return
	}
	name := e.coding(x, string(r.Header.ContentType()))
	if name == "" {
		return
	}
	encoded(x, name)
	if x.stored {
		r.SetBodyRaw(e.encoder.memory.get(name, body, e.encoder.all))
		return
	}
	r.SetBodyRaw(e.encoder.all(name, body))
}

// coding picks the content coding for an answer, or "" for none.
func (e *Edge) coding(x *exchange, contentType string) string {
	if !compressible(contentType) {
		return ""
	}
	x.req.Response.Header.Add("Vary", "Accept-Encoding")
	return accepted(x.header("Accept-Encoding"))
}

func compressible(contentType string) bool {
	t, _, _ := strings.Cut(contentType, ";")
	return strings.HasPrefix(t, "text/") || strings.HasSuffix(t, "json") || strings.HasSuffix(t, "yaml") || strings.HasSuffix(t, "javascript")
}

// encoded marks an answer. Its bytes differ from the plain ones, so a strong
// ETag would lie.
func encoded(x *exchange, name string) {
	x.set("Content-Encoding", name)
	if tag := string(x.req.Response.Header.Peek("ETag")); tag != "" && !strings.HasPrefix(tag, "W/") {
		x.set("ETag", "W/"+tag)
	}
}

// accepted picks the coding that the client likes best; zstd costs the server
// a third of gzip and wins a tie.
func accepted(header string) string {
	best, weight := "", 0.0
	for item := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(item), ";")
		name = strings.ToLower(strings.TrimSpace(name))
		q := quality(params)
		if (name == "zstd" || name == "gzip") && (q > weight || q == weight && q > 0 && name == "zstd") {
			best, weight = name, q
		}
	}
	return best
}

func quality(params string) float64 {
	_, text, ok := strings.Cut(strings.ReplaceAll(params, " ", ""), "q=")
	if !ok {
		return 1
	}
	q, err := strconv.ParseFloat(text, 64)
	if err != nil || q < 0 || q > 1 {
		return 0
	}
	return q
}

// all encodes a whole body.
func (e *encoder) all(name string, body []byte) []byte {
	if name == "zstd" {
		return e.whole.EncodeAll(body, make([]byte, 0, len(body)/4))
	}
	var b bytes.Buffer
	w, _ := e.gzips.Get().(*gzip.Writer)
	defer e.gzips.Put(w)
	w.Reset(&b)
	_, _ = w.Write(body) // a buffer does not fail
	_ = w.Close()
	return b.Bytes()
}
