package logsql

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// maxContext bounds the rows whose surroundings are looked for.
const maxContext = 1000

// contextOf is stream_context: the rows of the same stream around each match,
// whatever the filter says of them.
type contextOf struct {
	before, after int
	window        int64
}

func (l *lexer) streamContextPipe() (pipe, error) {
	p := contextOf{window: int64(time.Hour)}
	given := false
	for {
		var err error
		switch {
		case l.accept("before"):
			p.before, err = l.count("'before' value")
		case l.accept("after"):
			p.after, err = l.count("'after' value")
		case l.accept("time_window"):
			d, ok := Duration(l.token)
			if !ok || d <= 0 {
				return nil, errorf("cannot parse time_window %q", l.token)
			}
			p.window = d
			l.next()
			continue
		case !given:
			return nil, errorf("missing 'before N' or 'after N' in 'stream_context'")
		default:
			return &otherPipe{make: func(c *call, next sink) sink {
				return &contextSink{contextOf: p, c: c, next: next, found: map[*store.Stream][]match{}}
			}}, nil
		}
		if err != nil {
			return nil, err
		}
		given = true
	}
}

type match struct {
	time int64
	text string
}

type contextSink struct {
	contextOf
	c       *call
	next    sink
	found   map[*store.Stream][]match
	streams []*store.Stream
	rows    int
}

func (s *contextSink) push(r *Record) bool {
	if r.Row == nil {
		s.c.err = errorf("stream_context must come right after the filter")
		return false
	}
	if s.rows++; s.rows > maxContext {
		s.c.err = errorf("logs from too many rows passed to 'stream_context': more than %d; narrow the query", maxContext)
		return false
	}
	at := slices.IndexFunc(s.streams, func(x *store.Stream) bool { return x.Text == r.stream.Text })
	if at < 0 {
		s.streams = append(s.streams, r.stream)
		at = len(s.streams) - 1
	}
	s.found[s.streams[at]] = append(s.found[s.streams[at]], match{r.Row.Time, string(AppendJSON(nil, r))})
	return true
}

func (s *contextSink) end() {
	if s.c.err == nil {
		for _, stream := range s.streams {
			if !s.around(stream) {
				break
			}
		}
	}
	s.next.end()
}

// around sends the rows near the matches of one stream, in order of time, with
// a row of dashes where some between are left out.
func (s *contextSink) around(stream *store.Stream) bool {
	matches := s.found[stream]
	low, high := int64(math.MaxInt64), int64(math.MinInt64)
	for _, m := range matches {
		low, high = min(low, m.time-s.window), max(high, m.time+s.window)
	}
	var rows []*Record
	wanted := map[int]bool{}
	rec := &Record{tenant: s.c.from.Tenant}
	s.c.from.Store.Scan(s.c.from.Tenant, store.Range{Start: low, End: high, Keep: func(x *store.Stream) bool { return x.Text == stream.Text }}, func(row *store.Row) bool {
		rec.of(row)
		text := string(AppendJSON(nil, rec))
		if at := slices.IndexFunc(matches, func(m match) bool { return m.text == text }); at >= 0 {
			for i := len(rows) - s.before; i <= len(rows)+s.after; i++ {
				wanted[i] = true
			}
		}
		rows = append(rows, rec.clone())
		return true
	})
	return s.send(rows, wanted, stream)
}

func (s *contextSink) send(rows []*Record, wanted map[int]bool, stream *store.Stream) bool {
	last := -1
	for i, r := range rows {
		if !wanted[i] {
			continue
		}
		if last >= 0 && i > last+1 && !s.next.push(s.dashes(r, stream)) {
			return false
		}
		if last = i; !s.next.push(r) {
			return false
		}
	}
	return true
}

func (s *contextSink) dashes(r *Record, stream *store.Stream) *Record {
	return made(store.Field{Name: fieldTime, Value: r.Get(fieldTime)}, store.Field{Name: fieldStreamID, Value: stream.ID(s.c.from.Tenant)},
		store.Field{Name: fieldStream, Value: stream.Text}, store.Field{Name: fieldMsg, Value: strings.Repeat("-", 3)})
}
