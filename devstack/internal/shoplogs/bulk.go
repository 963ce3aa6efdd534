package shoplogs

import (
	"math/bits"
	"strconv"
	"time"
)

// BulkService is the service of rows that are there for their number only.
const BulkService = "bulk"

// Bulk is a number of plain rows, spread evenly over a window in the past:
// the mass for tests of exports and paging. Nothing else of the story has them.
type Bulk struct {
	Rows int `json:"rows"`
	// Start is included, End is not.
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// Time of the i-th row, in order; every tenth row shares that of the one
// before.
func (b Bulk) Time(i int) time.Time {
	if i%10 == 9 {
		i--
	}
	high, low := bits.Mul64(uint64(b.End.Sub(b.Start)), uint64(i))
	after, _ := bits.Div64(high, low, uint64(b.Rows))
	return b.Start.Add(time.Duration(after))
}

// Level of the i-th row.
func (b Bulk) Level(i int) string {
	switch {
	case i%1000 == 999:
		return Error
	case i%100 == 50:
		return Warn
	}
	return Info
}

// Instance of the i-th row.
func (b Bulk) Instance(i int) string { return BulkService + "-" + strconv.Itoa(i%4) }

// Message of the i-th row; its number stands in the field n, too.
func (b Bulk) Message(i int) string {
	return "batch " + strconv.Itoa(i/500) + " stored row " + strconv.Itoa(i) + " of " + strconv.Itoa(b.Rows)
}

// Count adds the rows with from <= time < to.
func (b Bulk) Count(c *Counts, from, to time.Time) {
	for i := range b.Rows {
		if at := b.Time(i); !at.Before(from) && at.Before(to) {
			c.Add(BulkService, b.Level(i), at, 1)
		}
	}
}
