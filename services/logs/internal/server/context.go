package server

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/timeparam"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	"github.com/platformbuilds/mirador-core/services/logs/internal/victorialogs"
)

const (
	defaultAround = 10
	maxAround     = 1000
)

var contextTexts = texts{bad: "Invalid context request", failed: "Failed to retrieve the context", at: "/"}

// reaches are how far around a row is looked, until there are rows enough. The
// pipe stream_context is not used: it shows rows past the filter of a scope.
var reaches = []time.Duration{time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}

// Context implements logsv1.LogsServiceServer.
func (s *Server) Context(in *logsv1.ContextRequest, to stream) error {
	c, err := s.begin(to.Context(), contextTexts, "")
	if err != nil {
		return err
	}
	defer c.end()
	a, err := c.around(in)
	if err != nil {
		return err
	}
	rows, index, count, err := a.read()
	if err != nil {
		return c.failure(err)
	}
	data := fmt.Sprintf(`,"row":{"index":%d,"count":%d}`, index, count)
	return rows.send(to, data, nil)
}

// around is one row with its neighbours.
type around struct {
	*call
	text          string
	at            time.Time
	before, after int
	seen          *names
}

func (c *call) around(in *logsv1.ContextRequest) (*around, error) {
	id := strings.ToLower(in.GetStreamId())
	if id == "" || len(id) > 64 || strings.Trim(id, "0123456789abcdef") != "" {
		return nil, fault.New(fault.CodeInvalidRequest, c.bad).WithField("/stream_id", "must be the _stream_id of a row")
	}
	at, err := timeparam.Time("/time", in.GetTime(), c.began)
	if err != nil {
		return nil, rename(err, c.bad)
	}
	a := &around{call: c, text: streamFilter(id), at: at, seen: newNames()}
	if a.before, err = c.limit(in.GetBefore(), defaultAround, maxAround); err == nil {
		a.after, err = c.limit(in.GetAfter(), defaultAround, maxAround)
	}
	return a, err
}

// read gives the rows, oldest first, and which of them have the row's time.
func (a *around) read() (rows *heldRows, index, count int, err error) {
	self, err := a.rows(a.at, a.at, "", maxAround)
	if err != nil {
		return nil, 0, 0, err
	}
	if len(self.rows) == 0 {
		return nil, 0, 0, fault.New(fault.CodeNotFound, "Log row not found").
			WithDetail("no row of the stream has the time %s", stamp(a.at))
	}
	older, err := a.reach(a.before, func(d time.Duration) (*heldRows, error) {
		return a.rows(a.at.Add(-d), a.at.Add(-1), "", a.before)
	})
	if err != nil {
		return nil, 0, 0, err
	}
	newer, err := a.reach(a.after, func(d time.Duration) (*heldRows, error) {
		// The back end's own limit keeps the newest rows; these are the oldest.
		return a.rows(a.at.Add(1), a.at.Add(d), fmt.Sprintf(" | sort by (_time) limit %d", a.after), 0)
	})
	if err != nil {
		return nil, 0, 0, err
	}
	index, count = len(older.rows), len(self.rows)
	self.rows = slices.Concat(older.rows, self.rows, newer.rows)
	return self, index, count, nil
}

func (a *around) reach(wanted int, ask func(time.Duration) (*heldRows, error)) (rows *heldRows, err error) {
	for _, d := range reaches {
		if rows, err = ask(d); err != nil || len(rows.rows) >= wanted {
			return rows, err
		}
	}
	return rows, nil
}

// rows of the stream in a window with exact ends, oldest first.
func (a *around) rows(start, end time.Time, pipe string, limit int) (*heldRows, error) {
	h := &heldRows{call: a.call, seen: a.seen}
	_, err := a.server.each(a.ctx, victorialogs.Query{Text: a.text + pipe, Start: start, End: end, Exact: true, Limit: limit}, h.add)
	h.sort(true)
	return h, err
}
