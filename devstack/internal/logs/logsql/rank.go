package logsql

import (
	"slices"
	"strconv"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// rankSink numbers records from 1.
type rankSink struct {
	name string
	at   int
	next sink
}

func (s *rankSink) push(r *Record) bool {
	s.at++
	r.change()
	r.Fields = slices.Insert(r.Fields, 0, store.Field{Name: s.name, Value: strconv.Itoa(s.at)})
	return s.next.push(r)
}

func (s *rankSink) end() { s.next.end() }
