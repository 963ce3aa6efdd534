package tail

import (
	"hash/maphash"
	"time"

	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
)

// maxSeen bounds the rows that a seam remembers.
const maxSeen = 1 << 16

// seam tells rows that are new from those that a connection shows again because
// it begins before the end of the one before. Rows are known by their content;
// of equal ones each connection may show as many as there are.
type seam struct {
	margin time.Duration
	seed   maphash.Seed
	pass   int
	newest time.Time
	seen   map[uint64]*sight
	buf    []byte
}

// sight counts one content.
type sight struct {
	at          time.Time
	known, here int
	pass        int
}

func newSeam(margin time.Duration) *seam {
	return &seam{margin: margin, seed: maphash.MakeSeed(), seen: map[uint64]*sight{}}
}

// begin opens another connection.
func (s *seam) begin() { s.pass++ }

// fresh tells whether the row, of the given time, was not there before.
func (s *seam) fresh(r *row.Row, at time.Time) bool {
	if at.After(s.newest) {
		s.newest = at
	}
	s.buf = r.Canonical(s.buf[:0])
	key := maphash.Bytes(s.seed, s.buf)
	v := s.seen[key]
	if v == nil {
		s.prune()
		v = &sight{at: at}
		s.seen[key] = v
	}
	if v.pass != s.pass {
		v.pass, v.here = s.pass, 0
	}
	if v.here++; v.here <= v.known {
		return false
	}
	v.known = v.here
	return true
}

// prune forgets what no later connection shows again; when that is not enough,
// all: a row may then come twice, which is better than not at all.
func (s *seam) prune() {
	if len(s.seen) < maxSeen {
		return
	}
	old := s.newest.Add(-2 * s.margin)
	for key, v := range s.seen {
		if v.at.Before(old) {
			delete(s.seen, key)
		}
	}
	if len(s.seen) > maxSeen/2 {
		clear(s.seen)
	}
}
