package server

import (
	"fmt"
	"slices"
	"time"

	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	"github.com/platformbuilds/mirador-core/services/logs/internal/answer"
	"github.com/platformbuilds/mirador-core/services/logs/internal/logsql"
	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
	"github.com/platformbuilds/mirador-core/services/logs/internal/victorialogs"
	"github.com/platformbuilds/mirador-core/services/logs/internal/window"
)

// maxHeld bounds the bytes of rows that are put in order before they leave.
const maxHeld = 64 << 20

// related asks for the newest rows that belong to something.
type related struct {
	// query of the caller; empty means every row.
	query string
	// filter of ours.
	filter      string
	start, end  string
	limit       int32
	oldestFirst bool
	// links by name: name, target, name, target.
	links []string
}

func (s *Server) related(t texts, to stream, r related) error {
	c, err := s.begin(to.Context(), t, "")
	if err != nil {
		return err
	}
	defer c.end()
	q, err := c.relatedQuery(r)
	if err != nil {
		return err
	}
	held := &heldRows{call: c, seen: newNames()}
	if _, err := s.each(c.ctx, q, held.add); err != nil {
		return c.failure(err)
	}
	held.sort(r.oldestFirst)
	return held.send(to, "", r.links)
}

func (c *call) relatedQuery(r related) (victorialogs.Query, error) {
	checked, err := c.check(r.query)
	if err != nil {
		return victorialogs.Query{}, err
	}
	if p, ok := checked.RowByRow(); !ok {
		return victorialogs.Query{}, fault.New(fault.CodeQueryInvalid, c.invalidMessage("the pipe "+p.Name+" is not possible here")).
			WithSuggestion("use /api/v1/logs/query for queries with such pipes")
	}
	w, err := c.window(r.start, r.end, window.Rules{})
	if err != nil {
		return victorialogs.Query{}, err
	}
	limit, err := c.limit(r.limit, defaultRows, maxPage)
	asked := r.query
	if asked == "" {
		asked = "*"
	}
	return victorialogs.Query{Text: checked.And(r.filter), Asked: asked, Start: w.Start, End: w.End, Limit: limit}, err
}

// heldRows are rows that wait to be put in order.
type heldRows struct {
	call  *call
	rows  []heldRow
	bytes int
	seen  *names
}

type heldRow struct {
	at   time.Time
	json []byte
}

func (h *heldRows) add(r *row.Row) error {
	h.seen.add(r)
	at, _ := r.Time()
	json := r.AppendJSON(nil)
	if h.bytes += len(json); h.bytes > maxHeld {
		return fault.New(fault.CodeAnswerTooLarge, h.call.failed).WithDetail("the rows have more than %d bytes", maxHeld).
			WithSuggestion("ask for fewer rows")
	}
	h.rows = append(h.rows, heldRow{at, json})
	return nil
}

func (h *heldRows) sort(oldestFirst bool) {
	slices.SortStableFunc(h.rows, func(a, b heldRow) int {
		if oldestFirst {
			return a.at.Compare(b.at)
		}
		return b.at.Compare(a.at)
	})
}

// send writes {"status","data":{"rows","fields"...},"metadata","links"}. What
// else data has begins with a comma.
func (h *heldRows) send(to stream, data string, links []string, warnings ...string) error {
	md := metadata.MD{}
	md.Append(rpc.KeyWarning, warnings...)
	w := answer.NewWriter(to, "application/json", md)
	defer w.Abandon()
	rows := make([][]byte, len(h.rows))
	for i, r := range h.rows {
		rows[i] = r.json
	}
	if err := writeRows(w, `{"status":"success","data":{"rows":[`, rows); err != nil {
		return err
	}
	buf := h.seen.appendJSON([]byte(`],"fields":`))
	buf = fmt.Appendf(buf, `%s},"metadata":{"executionTime":%d,"logCount":%d,"fieldsFound":%d},"links":{`,
		data, h.call.took().Milliseconds(), len(rows), len(h.seen.list))
	for i := 0; i+1 < len(links); i += 2 {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = append(row.AppendString(buf, links[i]), ':')
		buf = row.AppendString(buf, links[i+1])
	}
	if _, err := w.Write(append(buf, `}}`...)); err != nil {
		return err
	}
	return w.Close(nil)
}

// streamFilter finds the rows of one stream.
func streamFilter(id string) string { return row.StreamID + ":" + logsql.Quote(id) }
