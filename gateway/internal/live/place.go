package live

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/libs/timeparam"
)

// Place is where a tail has come to: a time, and which rows of that time were
// sent. As text it is the id of a server-sent event.
type Place struct {
	// Time of the last row.
	Time time.Time
	// sent counts the rows of that time by their digest.
	sent map[uint32]int
}

// told bounds the rows that the text of a place names; further rows of the same
// time come twice after a resume.
const told = 32

// ParsePlace reads the text of a place, or any form of a time.
func ParsePlace(text string, now time.Time) (Place, error) {
	moment, rows, marked := strings.Cut(text, "~")
	at, err := timeparam.ParseTime(moment, now)
	if err != nil || !marked {
		return Place{Time: at}, err
	}
	p := Place{at, map[uint32]int{}}
	for i, row := range strings.Split(rows, ".") {
		n, err := strconv.ParseUint(row, 16, 32)
		if err != nil || i >= told {
			return Place{}, fmt.Errorf("%q names no rows", row)
		}
		p.sent[uint32(n)]++
	}
	return p, nil
}

// String is the time and the rows: "2026-01-02T15:04:05.1Z~1f.a0".
func (p Place) String() string {
	var rows []string
	for row, times := range p.sent {
		for range times {
			rows = append(rows, strconv.FormatUint(uint64(row), 16))
		}
	}
	text := p.Time.UTC().Format(time.RFC3339Nano)
	if len(rows) == 0 {
		return text
	}
	slices.Sort(rows)
	return text + "~" + strings.Join(rows[:min(told, len(rows))], ".")
}
