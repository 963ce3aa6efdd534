package server

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	"github.com/platformbuilds/mirador-core/services/logs/internal/answer"
	"github.com/platformbuilds/mirador-core/services/logs/internal/encode"
	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
	"github.com/platformbuilds/mirador-core/services/logs/internal/victorialogs"
	"github.com/platformbuilds/mirador-core/services/logs/internal/window"
)

// stream is the answering side of every method that sends bytes.
type stream = grpc.ServerStreamingServer[httpbody.HttpBody]

// defaultRows of a JSON answer; the other formats are made to be long.
const defaultRows = 1000

var queryTexts = texts{bad: "Invalid LogsQL request format", failed: "LogsQL query execution failed", at: "/"}

// Query implements logsv1.LogsServiceServer.
func (s *Server) Query(in *logsv1.QueryRequest, to stream) error {
	c, err := s.begin(to.Context(), queryTexts, in.GetTimeout())
	if err != nil {
		return err
	}
	defer c.end()
	q, format, err := c.rows(in)
	if err != nil {
		return err
	}
	out, err := c.open(q, format, answer.NewWriter(to, format.ContentType(), warnings(in)))
	if err != nil {
		return c.failure(err)
	}
	defer out.Abandon()
	read, err := s.each(c.ctx, q, out.Encode)
	if err != nil {
		return c.failure(err)
	}
	return out.finish(read)
}

// rows reads the request.
func (c *call) rows(in *logsv1.QueryRequest) (q victorialogs.Query, f encode.Format, err error) {
	if in.GetQuery() == "" {
		return q, f, fault.New(fault.CodeInvalidRequest, c.bad).WithField("/query", "is required")
	}
	checked, err := c.check(in.GetQuery())
	if err != nil {
		return q, f, err
	}
	if f, err = c.format(in.GetFormat()); err != nil {
		return q, f, err
	}
	w, err := c.window(in.GetStart(), in.GetEnd(), window.Rules{Prefix: "/"})
	if err != nil {
		return q, f, err
	}
	q = victorialogs.Query{Text: checked.Text, Asked: in.GetQuery(), Start: w.Start, End: w.End}
	fallback := defaultRows
	if f != encode.JSON {
		fallback = c.server.Limits.Rows
	}
	q.Limit, err = c.limit(in.GetLimit(), min(fallback, c.server.Limits.Rows), c.server.Limits.Rows)
	return q, f, err
}

func (c *call) format(name string) (encode.Format, error) {
	if name == "" {
		return encode.JSON, nil
	}
	f, ok := encode.ParseFormat(name)
	if !ok || f == encode.Parquet {
		return f, fault.New(fault.CodeInvalidRequest, c.bad).WithField("/format", "must be json, ndjson or csv")
	}
	return f, nil
}

// limit reads a limit; 0 means the fallback.
func (c *call) limit(asked int32, fallback, most int) (int, error) {
	switch n := int(asked); {
	case n < 0:
		return 0, fault.New(fault.CodeInvalidRequest, c.bad).WithField(c.at+"limit", "must not be negative")
	case n > most:
		return 0, fault.New(fault.CodeQueryTooExpensive, c.failed).WithField(c.at+"limit", "%d is more than %d, the most that one answer has", n, most).
			WithDetail("limit: at most %d", most).WithExtra("max_rows", float64(most))
	case n > 0:
		return n, nil
	}
	return fallback, nil
}

// warnings of what is ignored.
func warnings(in *logsv1.QueryRequest) metadata.MD {
	if len(in.GetExtra()) == 0 {
		return nil
	}
	return metadata.Pairs(rpc.KeyWarning, `the member "extra" is ignored`)
}

// columns of all rows of the query, sorted.
func (c *call) columns(ctx context.Context, q victorialogs.Query) ([]string, error) {
	q.Text, q.Limit = q.Text+" | field_names", 0
	var names []string
	_, err := c.server.each(ctx, q, func(r *row.Row) error {
		if name, ok := r.Get("name"); ok {
			names = append(names, name)
		}
		return nil
	})
	slices.Sort(names)
	return names, err
}

// open begins the body of a query's answer.
func (c *call) open(q victorialogs.Query, f encode.Format, w *answer.Writer) (*rowsBody, error) {
	b := &rowsBody{Writer: w, call: c, limit: q.Limit, seen: newNames()}
	if f == encode.JSON {
		_, err := w.Write([]byte(`{"status":"success","data":{"logs":[`))
		b.json = true
		return b, err
	}
	var columns []string
	var err error
	if f.Tabular() {
		if columns, err = c.columns(c.ctx, q); err != nil {
			return nil, err
		}
	}
	b.encoder, err = encode.New(f, w, columns)
	return b, err
}

// rowsBody is the body of a query's answer.
type rowsBody struct {
	*answer.Writer
	call    *call
	json    bool
	encoder encode.Encoder
	buf     []byte
	count   int
	limit   int
	seen    *names
}

// Encode adds a row.
func (b *rowsBody) Encode(r *row.Row) error {
	b.count++
	if !b.json {
		return b.encoder.Encode(r)
	}
	b.seen.add(r)
	b.buf = b.buf[:0]
	if b.count > 1 {
		b.buf = append(b.buf, ',')
	}
	b.buf = r.AppendJSON(b.buf)
	_, err := b.Write(b.buf)
	return err
}

// finish completes the body.
func (b *rowsBody) finish(read int64) error {
	if b.json {
		if err := b.tail(read); err != nil {
			return err
		}
	} else if err := b.encoder.Close(); err != nil {
		return err
	}
	return b.Close(metadata.Pairs(rpc.KeyRows, strconv.Itoa(b.count)))
}

// tail writes what the contract has behind the rows.
func (b *rowsBody) tail(read int64) error {
	took := b.call.took().Milliseconds()
	buf := append(b.buf[:0], `],"fields":`...)
	buf = b.seen.appendJSON(buf)
	buf = fmt.Appendf(buf, `,"stats":{"count":%d,"bytes_read":%d,"took_ms":%d,"endpoint":"victorialogs","compressed":%t,"streaming":false}}`,
		b.count, read, took, b.call.server.Compressed)
	buf = fmt.Appendf(buf, `,"metadata":{"executionTime":%d,"logCount":%d,"fieldsFound":%d,"limit":%d}}`, took, b.count, len(b.seen.list), b.limit)
	_, err := b.Write(buf)
	return err
}
