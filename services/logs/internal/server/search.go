package server

import (
	"crypto/sha256"
	"fmt"
	"time"

	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	"github.com/platformbuilds/mirador-core/services/logs/internal/answer"
	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
	"github.com/platformbuilds/mirador-core/services/logs/internal/search"
	"github.com/platformbuilds/mirador-core/services/logs/internal/window"
)

const (
	defaultPage = 1000
	maxPage     = 10_000
	// settled is the time after which every row can be found: rows show 1 to 2
	// seconds after they were written.
	settled = 3 * time.Second
	clipped = "the window is longer than 24 hours: only its last 24 hours are looked at"
)

var searchTexts = texts{bad: "invalid payload", failed: "search failed", invalid: "invalid payload", at: "/"}

// Search implements logsv1.LogsServiceServer.
func (s *Server) Search(in *logsv1.SearchRequest, to stream) error {
	c, err := s.begin(to.Context(), searchTexts, in.GetTimeout())
	if err != nil {
		return err
	}
	defer c.end()
	key := cursorKey(c.id, in.GetQuery())
	r, header, err := c.page(in, key)
	if err != nil {
		return err
	}
	page, err := s.search.Page(c.ctx, r)
	if err != nil {
		return c.failure(err)
	}
	w := answer.NewWriter(to, "application/json", header)
	defer w.Abandon()
	if err := c.writePage(w, r, page, key); err != nil {
		return err
	}
	return w.Close(nil)
}

// page reads the request.
func (c *call) page(in *logsv1.SearchRequest, key [8]byte) (r search.Request, header metadata.MD, err error) {
	checked, err := c.check(in.GetQuery())
	if err != nil {
		return r, nil, err
	}
	if p, ok := checked.RowByRow(); !ok {
		return r, nil, fault.New(fault.CodeQueryInvalid, c.invalid).
			WithField("/query", "a search pages by time: the pipe %q is not possible", p.Name).
			WithSuggestion("use /api/v1/logs/query for queries with such pipes")
	}
	r = search.Request{Query: checked.Text, Limit: defaultPage}
	if n := int(in.GetLimit()); n > 0 && n <= maxPage {
		r.Limit = n
	}
	if in.GetCursor() != "" {
		if r.Cursor, err = search.Decode(in.GetCursor(), key); err != nil {
			return r, nil, fault.New(fault.CodeInvalidRequest, c.bad).WithField("/cursor", "%s", err.Error())
		}
		// A cursor is not signed.
		r.Window, _ = r.Cursor.Window.Clip(window.Day)
		return r, nil, nil
	}
	if a := in.GetPageAfter(); a != nil && a.GetTs() > 0 {
		r.After = &search.Place{Milli: int64(a.GetTs()), Offset: int(a.GetOffset())}
	}
	w, err := c.window(in.GetStart(), in.GetEnd(), window.Rules{Prefix: "/", End: c.began.Add(-settled)})
	if err != nil {
		return r, nil, err
	}
	var cut bool
	if r.Window, cut = w.Clip(window.Day); cut {
		header = metadata.Pairs(rpc.KeyWarning, clipped)
	}
	return r, header, nil
}

// cursorKey binds a cursor to its query and to what the caller may see.
func cursorKey(id *identity.Identity, query string) [8]byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d:%d\x00%s\x00%s", id.Account, id.Project, id.Scope, query))
	return [8]byte(sum[:])
}

// writePage writes the contract's body.
func (c *call) writePage(w *answer.Writer, r search.Request, p search.Page, key [8]byte) error {
	if err := writeRows(w, `{"rows":[`, p.Rows); err != nil {
		return err
	}
	buf := appendNames([]byte(`],"fields":`), p.Fields)
	if p.Cursor != nil {
		buf = fmt.Appendf(buf, `,"next_page_after":{"ts":%d,"offset":%d},"cursor":`, p.After.Milli, p.After.Offset)
		buf = row.AppendString(buf, p.Cursor.Encode(key))
	}
	buf = fmt.Appendf(buf, `,"stats":{"count":%d,"streaming_stats":{"took_ms":%d,"endpoint":"victorialogs"},"start":%q,"end":%q}}`,
		len(p.Rows), c.took().Milliseconds(), stamp(r.Window.Start), stamp(r.Window.End))
	_, err := w.Write(buf)
	return err
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// writeRows writes JSON objects with commas between.
func writeRows(w *answer.Writer, before string, rows [][]byte) error {
	if _, err := w.Write([]byte(before)); err != nil {
		return err
	}
	for i, r := range rows {
		if i > 0 {
			if _, err := w.Write([]byte{','}); err != nil {
				return err
			}
		}
		if _, err := w.Write(r); err != nil {
			return err
		}
	}
	return nil
}
