package live

import (
	"hash/maphash"
	"maps"
	"time"

	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

// seam knows where a tail has come to, so that another call goes on there
// without rows twice: rows of the last time come again, and are told by how
// often each was sent.
type seam struct {
	seed maphash.Seed
	// last is the latest time of a row, or where the tail began.
	last time.Time
	// sent counts the rows of the last time; again those that the new call will
	// repeat.
	sent, again map[uint64]int
	from        time.Time
}

// most bounds the rows of one time that are remembered.
const most = 10_000

func newSeam(begin time.Time) *seam {
	return &seam{seed: maphash.MakeSeed(), last: begin, sent: map[uint64]int{}}
}

// cut begins another call, at last.
func (s *seam) cut() { s.from, s.again = s.last, maps.Clone(s.sent) }

// fresh tells whether a row is to be sent, and remembers it.
func (s *seam) fresh(r *logsv1.TailRow) bool {
	at, err := time.Parse(time.RFC3339Nano, r.GetTime())
	if err != nil {
		return true
	}
	row := maphash.Bytes(s.seed, r.GetJson())
	if s.again[row] > 0 && at.Equal(s.from) {
		s.again[row]--
		return false
	}
	if at.After(s.last) {
		s.last = at
		clear(s.sent)
	}
	if at.Equal(s.last) && len(s.sent) < most {
		s.sent[row]++
	}
	return true
}
