package live

import (
	"hash/fnv"
	"maps"
	"time"

	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

// seam knows where a tail has come to, so that another call goes on there
// without rows twice: rows of the last time come again, and are told by how
// often each was sent.
type seam struct {
	Place
	// again counts the rows of the time from that the new call will repeat.
	again map[uint32]int
	from  time.Time
}

// most bounds the rows of one time that are remembered.
const most = 10_000

func newSeam(begin Place) *seam {
	if begin.sent == nil {
		begin.sent = map[uint32]int{}
	}
	return &seam{Place: begin}
}

// cut begins another call, at Time.
func (s *seam) cut() { s.from, s.again = s.Time, maps.Clone(s.sent) }

// fresh tells whether a row is to be sent, and remembers it.
func (s *seam) fresh(r *logsv1.TailRow) bool {
	at, err := time.Parse(time.RFC3339Nano, r.GetTime())
	if err != nil {
		return true
	}
	row := digest(r.GetJson())
	if s.again[row] > 0 && at.Equal(s.from) {
		s.again[row]--
		return false
	}
	if at.After(s.Time) {
		s.Time = at
		clear(s.sent)
	}
	if at.Equal(s.Time) && len(s.sent) < most {
		s.sent[row]++
	}
	return true
}

// digest is the same in every process: a client may come back to another one.
func digest(row []byte) uint32 {
	h := fnv.New32a()
	_, _ = h.Write(row)
	return h.Sum32()
}
