package relay

import (
	"strconv"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/rpc"
)

// stored is a body with its name. Most are never sent again, so the form that
// a hit sends is made when the first one does.
type stored struct {
	tenant, key        string
	contentType, epoch string
	life               time.Duration

	size   int
	made   sync.Once
	leave  leave
	pieces [][]byte
	whole  []byte
}

func newStored(l leave, pieces [][]byte, size int) *stored {
	s := &stored{life: l.ttl, leave: l, pieces: pieces, size: size - (l.end - l.start) + len(l.metadata)}
	if size > gathered {
		s.body() // two forms of a large body at one time are for when they are accounted for
	}
	return s
}

// body in the form that a hit sends; it must not be changed.
func (s *stored) body() []byte {
	s.made.Do(func() {
		s.whole = s.leave.form(s.pieces, s.size+(s.leave.end-s.leave.start)-len(s.leave.metadata))
		s.pieces = nil
	})
	return s.whole
}

func (s *stored) is(tenant, key string) bool { return s.tenant == tenant && s.key == key }

// leave is what the service says, behind the body, about storing it.
type leave struct {
	ttl        time.Duration
	start, end int
	metadata   string
}

// readLeave reads the trailer of a body of size bytes; what cannot be
// understood is not stored.
func readLeave(md metadata.MD, size int) leave {
	ms, err := strconv.ParseInt(first(md, rpc.KeyCacheTTL), 10, 64)
	if err != nil || ms <= 0 {
		return leave{}
	}
	l := leave{ttl: time.Duration(min(ms, int64(24*time.Hour/time.Millisecond))) * time.Millisecond}
	at := first(md, rpc.KeyMetadataAt)
	if at == "" {
		return l
	}
	from, to, _ := strings.Cut(at, ",")
	start, startErr := strconv.Atoi(from)
	end, endErr := strconv.Atoi(to)
	l.metadata = first(md, rpc.KeyHitMetadata)
	if startErr != nil || endErr != nil || start < 0 || end <= start || end > size || l.metadata == "" {
		return leave{}
	}
	l.start, l.end = start, end
	return l
}

// form joins the pieces of a body to the form that a hit sends.
func (l leave) form(pieces [][]byte, size int) []byte {
	if l.end == 0 && len(pieces) == 1 {
		return pieces[0]
	}
	out := make([]byte, 0, size-(l.end-l.start)+len(l.metadata))
	at := 0
	for _, p := range pieces {
		out = append(out, p[:clamp(l.start-at, len(p))]...)
		if at <= l.start && l.start < at+len(p) {
			out = append(out, l.metadata...)
		}
		out = append(out, p[clamp(l.end-at, len(p)):]...)
		at += len(p)
	}
	return out
}

func clamp(n, limit int) int { return max(0, min(n, limit)) }

func first(md metadata.MD, key string) string {
	if v := md.Get(key); len(v) > 0 {
		return v[0]
	}
	return ""
}
