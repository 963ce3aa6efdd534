package victorialogs

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
)

const sample = `{"_time":"2026-11-20T10:00:00Z","_msg":"a"}` + "\n"

// answering gives the body as rows.
func answering(t testing.TB, body string) *Client {
	return serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/stream+json")
		_, _ = io.WriteString(w, body)
	})
}

// read counts rows until the end.
func read(ctx context.Context, c *Client) (n int, rows *Rows, err error) {
	if rows, err = c.Query(ctx, Query{Text: "*"}); err != nil {
		return 0, nil, err
	}
	defer rows.Close()
	var r row.Row
	for {
		if err = rows.Read(&r); err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return n, rows, err
		}
		n++
	}
}

func TestBadAnswers(t *testing.T) {
	long := `{"_msg":"` + strings.Repeat("x", row.MaxLine) + `"}` + "\n"
	for _, tt := range []struct {
		name, body    string
		rows, skipped int
		code          fault.Code
	}{
		{"empty", "", 0, 0, ""},
		{"blank lines", "\n" + sample + "\n\n" + sample, 2, 0, ""},
		{"long line among others", sample + long + sample, 2, 1, ""},
		{"last line cut", sample + `{"_msg":"b"}`, 1, 0, fault.CodeBackendFailed},
		{"long line cut", sample + long[:len(long)-2], 1, 0, fault.CodeBackendFailed},
		{"line is no row", sample + "cannot execute query\n" + sample, 1, 0, fault.CodeBackendFailed},
		{"wrapped", `{"status":"success","data":[{"_msg":"a"},{"_msg":"b"}],"fields":["_msg"]}` + "\n", 2, 0, ""},
		{"a row that looks wrapped", `{"status":"success","data":"[]"}` + "\n", 1, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n, rows, err := read(as(t.Context(), 1, 0, ""), answering(t, tt.body))
			if n != tt.rows || rows.Skipped() != tt.skipped || rows.Bytes() == 0 && tt.body != "" {
				t.Errorf("got %d rows, %d skipped, %d bytes", n, rows.Skipped(), rows.Bytes())
			}
			if f := fault.From(err); (f == nil) != (tt.code == "") || f != nil && f.Code != tt.code {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestStatuses(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		status     int
		code       fault.Code
		detail     string
	}{
		{"not rows", "<html>", 200, fault.CodeBackendFailed, "its answer is not made of rows"},
		{"down", "at 10.0.0.7:9428", 500, fault.CodeBackendFailed, ""},
		{"our parameter", "cannot parse start=x: secret", 400, fault.CodeBackendFailed, ""},
		{"other query echoed", "cannot parse query [_time:[1,2] *]: bad; context: [_time]", 400, fault.CodeQueryInvalid, "bad"},
		{"memory", "cannot execute query [*]: sort needs too much memory at 10.0.0.7:9428", 400, fault.CodeQueryTooExpensive, "sort needs too much memory at <address>"},
		{"slow query", "cannot execute query [*]: deadline exceeded", 400, fault.CodeTimeout, "deadline exceeded"},
		{"other failure", "cannot execute query [*]: bad join", 400, fault.CodeQueryRejected, "bad join"},
		{"our filter in the reason", `cannot parse query [*]: unexpected {env="prod"} here`, 400, fault.CodeQueryInvalid, "unexpected  here"},
		{"long reason", "cannot parse query [*]: " + strings.Repeat("ä", 600), 400, fault.CodeQueryInvalid, strings.Repeat("ä", 254) + "..."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/plain; charset=utf-8")
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			})
			_, _, err := read(as(t.Context(), 1, 0, `env="prod"`), client)
			f := fault.From(err)
			if f == nil || f.Code != tt.code || tt.detail != "" && f.Detail != tt.detail || strings.Contains(f.Detail+f.Message, "10.0.0.7") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestJSONAnswersAreWholeAndBounded(t *testing.T) {
	ctx := as(t.Context(), 1, 0, "")
	for body, code := range map[string]fault.Code{
		`{"values":[{"value":"a","hits":1}`:          fault.CodeBackendFailed,
		`{"values":[{"value":"a","hits":-1}]}`:       fault.CodeBackendFailed,
		strings.Repeat(" ", maxAnswer) + `{"values"`: fault.CodeAnswerTooLarge,
	} {
		_, err := answering(t, body).FieldNames(ctx, Query{Text: "*"})
		if f := fault.From(err); f == nil || f.Code != code {
			t.Errorf("got %v", err)
		}
	}
}

// TestGzipBomb: what counts is the size after expansion.
func TestGzipBomb(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	block := []byte(strings.Repeat(sample, 1000))
	for range 2000 {
		_, _ = z.Write(block)
	}
	_ = z.Close()
	client := newClient(t, bounded(8<<20), bomb(t, packed.Bytes()))
	n, _, err := read(as(t.Context(), 1, 0, ""), client)
	if f := fault.From(err); f == nil || f.Code != fault.CodeAnswerTooLarge || n == 0 {
		t.Errorf("got %d rows of %d packed bytes, %v", n, packed.Len(), err)
	}
}

// TestTruncated: a body that ends before its length says so.
func TestTruncated(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/stream+json")
		w.Header().Set("Content-Length", strconv.Itoa(1<<20))
		_, _ = io.WriteString(w, strings.Repeat(sample, 10_000))
	})
	n, _, err := read(as(t.Context(), 1, 0, ""), client)
	if f := fault.From(err); f == nil || f.Kind() != fault.BadGateway || n == 0 {
		t.Errorf("got %d rows, %v", n, err)
	}
}

// TestHalfOpen: a back end that accepts and is silent, or stops in the middle,
// ends with the deadline.
func TestHalfOpen(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	silent := newClient(t, options(), "http://"+l.Addr().String())
	stuck := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/stream+json")
		_, _ = io.WriteString(w, sample)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	for name, client := range map[string]*Client{"silent": silent, "stuck": stuck} {
		ctx, cancel := context.WithTimeout(as(t.Context(), 1, 0, ""), 200*time.Millisecond)
		_, _, err := read(ctx, client)
		cancel()
		if f := fault.From(err); f == nil || f.Code != fault.CodeTimeout {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestClosingEndsTheCall at the back end, too.
func TestClosingEndsTheCall(t *testing.T) {
	ended := make(chan struct{})
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-ndjson")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(ended)
	})
	rows, err := client.Tail(as(t.Context(), 1, 0, ""), TailQuery{Text: "*"})
	if err != nil {
		t.Fatal(err)
	}
	rows.Close()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("the back end was not told")
	}
}

// TestHugeAnswerNeedsLittleMemory streams 2 GB.
func TestHugeAnswerNeedsLittleMemory(t *testing.T) {
	size := int64(2 << 30)
	if testing.Short() {
		size = 64 << 20
	}
	line := fmt.Sprintf(`{"_time":"2026-11-20T10:00:00Z","_stream_id":"0000","_msg":"%s","service":"edge"}`+"\n", strings.Repeat("x", 1900))
	block := []byte(strings.Repeat(line, 500))
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/stream+json")
		for left := size; left > 0; left -= int64(len(block)) {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	rows, err := client.Query(as(t.Context(), 1, 0, ""), Query{Text: "*"})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	before, most := heap(), uint64(0)
	var r row.Row
	for n := 0; ; n++ {
		if err := rows.Read(&r); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if n%100_000 == 0 {
			most = max(most, heap())
		}
	}
	if most > before+16<<20 || rows.Bytes() < size {
		t.Errorf("heap grew from %d to %d bytes over %d", before, most, rows.Bytes())
	}
}

// heap that is in use after a collection.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
