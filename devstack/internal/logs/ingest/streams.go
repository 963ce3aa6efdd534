package ingest

import (
	"strings"
	"sync"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// maxStreams bounds the streams that are remembered; beyond, all are forgotten
// and made anew, which costs room but changes nothing.
const maxStreams = 50_000

// Streams makes rows whose streams are shared.
type Streams struct {
	mu    sync.Mutex
	known map[string]*store.Stream
}

// NewStreams returns one that knows no stream yet.
func NewStreams() *Streams { return &Streams{known: map[string]*store.Stream{}} }

// Of returns the stream of these labels.
func (s *Streams) Of(labels []Field) *store.Stream {
	var key strings.Builder
	for _, l := range labels {
		key.WriteString(l.Name)
		key.WriteByte(0)
		key.WriteString(l.Value)
		key.WriteByte(0)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	stream, ok := s.known[key.String()]
	if !ok {
		if len(s.known) >= maxStreams {
			clear(s.known)
		}
		stream = store.NewStream(labels)
		s.known[key.String()] = stream
	}
	return stream
}

// Row makes a row as an insert with these stream labels and fields would: the
// labels are fields, too, and a missing message is filled in. It is how the
// demo adds rows without HTTP: store.Add(tenant, rows).
func (s *Streams) Row(at time.Time, msg string, labels, fields []Field) Row {
	all := make([]Field, 0, 1+len(labels)+len(fields))
	all = append(all, Field{Name: msgField, Value: first(msg, missingMsg)})
	all = append(append(all, labels...), fields...)
	return Row{Time: at.UnixNano(), Stream: s.Of(labels), Fields: all}
}
