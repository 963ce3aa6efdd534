package search

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/platformbuilds/mirador-core/services/logs/internal/window"
)

// Cursor is the exact place after a row.
type Cursor struct {
	// Window of the whole search, as the first page fixed it.
	Window window.Window
	// Time of the last row delivered, in nanoseconds since the epoch.
	Time int64
	// Stream of that row.
	Stream string
	// OfStream counts the rows of the time and stream that were delivered.
	OfStream int
	// Last is the sum of the row's content, Same the rows delivered that equal it.
	Last uint64
	Same int
	// OfMilli counts the rows delivered of the time's millisecond.
	OfMilli int
	// Whole tells that every row of the time was delivered.
	Whole bool
}

// delivered counts the rows of the group, in order, that pages before had. Rows
// that came late do not move the place: it is found by the last row itself.
func (c *Cursor) delivered(group []entry) int {
	begin := slices.IndexFunc(group, func(e entry) bool { return e.stream >= c.Stream })
	if begin < 0 {
		return len(group)
	}
	end := begin
	for ; end < len(group) && group[end].stream == c.Stream; end++ {
		if group[end].sum() == c.Last {
			return min(end+c.Same, len(group))
		}
	}
	return min(begin+c.OfStream, end)
}

const cursorVersion = 1

var errCursor = errors.New("the cursor does not belong to this search")

// Encode gives the cursor as text. The key is what it belongs to, such as a
// digest of query and caller.
func (c *Cursor) Encode(key [8]byte) string {
	b := append([]byte{cursorVersion, flag(c.Whole)}, key[:]...)
	for _, n := range []int64{c.Window.Start.UnixNano(), c.Window.End.UnixNano(), c.Time, int64(c.OfStream), int64(c.Same), int64(c.OfMilli)} {
		b = binary.AppendVarint(b, n)
	}
	b = binary.BigEndian.AppendUint64(b, c.Last)
	return base64.RawURLEncoding.EncodeToString(append(b, c.Stream...))
}

// Decode reads a cursor that was made with the same key.
func Decode(text string, key [8]byte) (*Cursor, error) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) < 10 || b[0] != cursorVersion || [8]byte(b[2:10]) != key {
		return nil, errCursor
	}
	c := &Cursor{Whole: b[1] == 1}
	var n [6]int64
	rest := b[10:]
	for i := range n {
		var size int
		if n[i], size = binary.Varint(rest); size <= 0 {
			return nil, errCursor
		}
		rest = rest[size:]
	}
	for _, count := range n[3:] {
		if len(rest) < 8 || count < 0 || count > math.MaxInt32 {
			return nil, errCursor
		}
	}
	c.Window = window.Window{Start: time.Unix(0, n[0]).UTC(), End: time.Unix(0, n[1]).UTC()}
	c.Time, c.OfStream, c.Same, c.OfMilli = n[2], int(n[3]), int(n[4]), int(n[5])
	c.Last, c.Stream = binary.BigEndian.Uint64(rest), string(rest[8:])
	return c, nil
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}
