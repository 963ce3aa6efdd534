package server

import (
	"slices"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/services/logs/internal/logsql"
	"github.com/platformbuilds/mirador-core/services/logs/internal/pattern"
	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
	"github.com/platformbuilds/mirador-core/services/logs/internal/victorialogs"
	"github.com/platformbuilds/mirador-core/services/logs/internal/window"
)

// mined is what was looked at.
type mined struct {
	oldest time.Time
	// all tells that these were all rows of the window.
	all bool
}

// from is where the rows that were looked at begin.
func (m mined) from(w window.Window) time.Time {
	if m.all {
		return w.Start
	}
	return m.oldest
}

// mine looks at the newest rows of a window.
func (c *call) mine(m *pattern.Miner, q victorialogs.Query, w window.Window, g pattern.Group, limit int) (mined, error) {
	var names []string
	for _, name := range slices.Concat([]string{row.Time, row.Message}, serviceFields, levelFields) {
		names = append(names, logsql.Quote(name))
	}
	q.Text += " | fields " + strings.Join(names, ", ")
	q.Start, q.End, q.Limit = w.Start, w.End, limit
	seen, rows := mined{}, 0
	_, err := c.server.each(c.ctx, q, func(r *row.Row) error {
		rows++
		at, _ := r.Time()
		if seen.oldest.IsZero() || at.Before(seen.oldest) {
			seen.oldest = at
		}
		m.Add(pattern.Row{Message: r.First(row.Message), Service: r.First(serviceFields...), Level: r.First(levelFields...), Time: at}, g)
		return nil
	})
	seen.all = rows < limit
	return seen, err
}

// mineBefore looks for patterns in what lies before since, as long as what lies
// after it, as far as that has not been looked at.
func (c *call) mineBefore(m *pattern.Miner, q victorialogs.Query, looked, end, since time.Time) error {
	if since.IsZero() {
		return nil
	}
	before := window.Window{Start: since.Add(-end.Sub(since)), End: since.Add(-1)}
	if looked.Before(since) {
		before.End = looked.Add(-1)
	}
	if !before.Start.Before(before.End) {
		return nil
	}
	_, err := c.mine(m, q, before, pattern.Compared, maxMined)
	return err
}
