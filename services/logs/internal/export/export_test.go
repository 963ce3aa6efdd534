package export

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"runtime"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	"github.com/platformbuilds/mirador-core/services/logs/internal/encode"
	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// source makes rows up and then ends with err.
type source struct {
	rows, at, skipped int
	err               error
	line              []byte
}

func (s *source) Read(into *row.Row) error {
	if s.at == s.rows {
		return s.err
	}
	s.at++
	s.line = fmt.Appendf(s.line[:0], `{"_time":"2026-11-20T10:00:00Z","_msg":"request %d served","service":"cart"}`, s.at)
	return row.Parse(s.line, into)
}

func (s *source) Skipped() int { return s.skipped }

// recorder is a stream that hashes, and keeps what is short.
type recorder struct {
	header, trailer metadata.MD
	body            bytes.Buffer
	size            int
	largest         uint64
	failing         error
}

func (r *recorder) SetHeader(md metadata.MD) error  { r.header = md; return nil }
func (r *recorder) SendHeader(md metadata.MD) error { r.header = md; return nil }
func (r *recorder) SetTrailer(md metadata.MD)       { r.trailer = md }

func (r *recorder) Send(m *httpbody.HttpBody) error {
	if r.size += len(m.Data); r.size < 2<<20 {
		r.body.Write(m.Data)
	}
	if r.size>>21 != (r.size-len(m.Data))>>21 {
		runtime.GC()
		var mem runtime.MemStats
		runtime.ReadMemStats(&mem)
		r.largest = max(r.largest, mem.HeapAlloc)
	}
	return r.failing
}

func value(md metadata.MD, key string) string {
	if v := md.Get(key); len(v) == 1 {
		return v[0]
	}
	return ""
}

func TestExport(t *testing.T) {
	for _, format := range encode.Formats() {
		for _, rows := range []int{0, 3, 10_000} {
			t.Run(fmt.Sprintf("%s %d", format, rows), func(t *testing.T) {
				var to recorder
				job := Job{Format: format, Fields: []string{"_msg", "_time", "service"}, Filename: "logs-1." + string(format)}
				if err := Run(&source{rows: rows, err: io.EOF}, job, &to); err != nil {
					t.Fatal(err)
				}
				sum := sha256.Sum256(to.body.Bytes())
				want := "sha256=" + hex.EncodeToString(sum[:])
				if value(to.trailer, rpc.KeyChecksum) != want || value(to.trailer, rpc.KeyRows) != fmt.Sprint(rows) {
					t.Errorf("trailer %v, want %s", to.trailer, want)
				}
				if value(to.header, rpc.KeyFilename) != job.Filename {
					t.Errorf("header %v", to.header)
				}
			})
		}
	}
}

func TestFailures(t *testing.T) {
	broken := fault.New(fault.CodeBackendFailed, "x")
	cases := []struct {
		name   string
		from   *source
		to     recorder
		want   error
		opened bool
	}{
		{"before the first byte", &source{err: broken}, recorder{}, broken, false},
		{"within what is gathered", &source{rows: 10, err: broken}, recorder{}, broken, false},
		{"on the way", &source{rows: 20_000, err: broken}, recorder{}, broken, true},
		{"a row too long", &source{rows: 1, err: io.EOF, skipped: 1}, recorder{}, fault.New(fault.CodeAnswerTooLarge, ""), false},
		{"client gone", &source{rows: 20_000, err: io.EOF}, recorder{failing: errors.ErrUnsupported}, errors.ErrUnsupported, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := Run(c.from, Job{Format: encode.NDJSON}, &c.to)
			if !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if opened := c.to.header != nil; opened != c.opened || c.to.trailer != nil {
				t.Errorf("header %v, trailer %v", c.to.header, c.to.trailer)
			}
			if c.name == "client gone" && c.from.at == c.from.rows {
				t.Error("all rows were read for nobody")
			}
		})
	}
}

// TestMemory sends about 8 MB of each format; a million rows are sent in the
// tests of the server.
func TestMemory(t *testing.T) {
	const rows, bound = 100_000, 64 << 20
	for _, format := range []encode.Format{encode.NDJSON, encode.CSV} {
		to := &recorder{}
		if err := Run(&source{rows: rows, err: io.EOF}, Job{Format: format, Fields: []string{"_msg", "_time", "service"}}, to); err != nil {
			t.Fatal(err)
		}
		if to.largest > bound || value(to.trailer, rpc.KeyRows) != fmt.Sprint(rows) {
			t.Errorf("%s: %d MiB in use, trailer %v", format, to.largest>>20, to.trailer)
		}
	}
}
