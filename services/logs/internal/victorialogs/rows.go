package victorialogs

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
)

const readBuffer = 64 << 10

// Rows are the lines of an answer, read as they arrive. They are used by one
// goroutine.
type Rows struct {
	body    io.ReadCloser
	in      *bufio.Reader
	long    []byte
	skipped int
	bytes   int64
	// wrapped lines of a server that puts them into one object.
	wrapped []json.RawMessage
	begun   bool
}

func newRows(body io.ReadCloser) *Rows {
	return &Rows{body: body, in: bufio.NewReaderSize(body, readBuffer)}
}

func (c *Client) stream(ctx context.Context, endpoint string, q Query, v url.Values) (*Rows, error) {
	res, err := c.do(ctx, endpoint, q, v)
	if err != nil {
		return nil, err
	}
	if !isRows(res.Header) {
		res.Body.Close()
		return nil, fault.New(fault.CodeBackendFailed, msgFailed).WithDetail("its answer is not made of rows")
	}
	return newRows(res.Body), nil
}

func isRows(h http.Header) bool {
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && (kind == "application/stream+json" || kind == "application/x-ndjson" || kind == "application/json")
}

// Next gives the next line, without its end, which is valid until the next
// call; io.EOF at the end of a complete answer. Any other error is a fault. An
// answer whose last line has no end was cut. Lines above row.MaxLine are left
// out and counted.
func (r *Rows) Next() ([]byte, error) {
	for {
		if len(r.wrapped) > 0 {
			line := r.wrapped[0]
			r.wrapped = r.wrapped[1:]
			return line, nil
		}
		line, err := r.line()
		if err != nil {
			return nil, err
		}
		first := !r.begun
		r.begun = true
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if first && r.unwrap(line) {
			continue
		}
		return line, nil
	}
}

// line reads up to a line end without ever holding more than row.MaxLine.
func (r *Rows) line() ([]byte, error) {
	r.long = r.long[:0]
	over := false
	for {
		part, err := r.in.ReadSlice('\n')
		r.bytes += int64(len(part))
		switch {
		case err == nil && over:
			r.skipped++
			r.long, over = r.long[:0], false
			continue
		case err == nil && len(r.long) == 0:
			return part, nil
		case err == nil:
			r.long = append(r.long, part...)
			return r.long, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, r.ended(err, over || len(r.long)+len(part) > 0)
		}
		if over = over || len(r.long)+len(part) > row.MaxLine; !over {
			r.long = append(r.long, part...)
		}
	}
}

// ended judges the end of the body.
func (r *Rows) ended(err error, inLine bool) error {
	if !errors.Is(err, io.EOF) {
		return err
	}
	if inLine {
		return fault.New(fault.CodeBackendFailed, msgFailed).WithDetail("the back end broke off its answer")
	}
	return io.EOF
}

// unwrap takes the rows out of {"status":"success","data":[...]}.
func (r *Rows) unwrap(line []byte) bool {
	if !bytes.HasPrefix(line, []byte(`{"status":`)) {
		return false
	}
	var whole struct{ Data []json.RawMessage }
	if json.Unmarshal(line, &whole) != nil || whole.Data == nil {
		return false
	}
	r.wrapped = whole.Data
	return true
}

// Read parses the next line into the row. The error is io.EOF or a fault; a
// line that is no row makes the whole answer doubtful and is a fault, too.
func (r *Rows) Read(into *row.Row) error {
	for {
		line, err := r.Next()
		if err != nil {
			return err
		}
		switch err := row.Parse(line, into); {
		case err == nil:
			return nil
		case errors.Is(err, row.ErrTooLong):
			r.skipped++
		default:
			return fault.New(fault.CodeBackendFailed, msgFailed).WithDetail("the back end's answer is not valid").Wrap(err)
		}
	}
}

// Skipped counts the lines that were too long.
func (r *Rows) Skipped() int { return r.skipped }

// Bytes that were read so far.
func (r *Rows) Bytes() int64 { return r.bytes }

// Close ends the call, also at the back end.
func (r *Rows) Close() error { return r.body.Close() }
