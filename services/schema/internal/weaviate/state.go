package weaviate

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/go-openapi/strfmt"
	"github.com/weaviate/weaviate/entities/models"

	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/services/schema/internal/changelog"
)

// settling is how long projected objects rest before the position moves past
// them. Weaviate does not wait for its disk; by then the machine's kernel, as
// commonly set up, has written them, also for the case that it loses power.
const settling = time.Minute

// logState is the log as its leader knows it.
type logState struct {
	// born names the log: one that was thrown away and began anew has another
	// birth.
	born string
	// end is the sequence of the newest record, 0 for none.
	end uint64
}

// readLog asks for the log's state.
func readLog(ctx context.Context, conn *events.Conn) (logState, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	stream, err := conn.JetStream().Stream(ctx, changelog.LogName)
	if err != nil {
		return logState{}, events.Unavailable("read log's state", err)
	}
	info := stream.CachedInfo()
	return logState{born: info.Created.UTC().Format(time.RFC3339Nano), end: info.State.LastSeq}, nil
}

// position is how far a log is projected. It stands in Weaviate beside what it
// speaks of: whoever loses the one loses the other.
type position struct {
	Log      string `json:"log"`
	Sequence string `json:"sequence"`
}

// form of the objects. With another one, everything is written again: raise it
// when objects, or the words of package ranking, change.
const form = "1"

func positionID(born string) string { return objectID([]string{stateClass, born, form}) }

// loadPosition gives the sequence up to which a log is surely projected.
func (c *client) loadPosition(ctx context.Context, born string) (uint64, error) {
	var p position
	err := c.get(ctx, stateClass, positionID(born), &p)
	if errors.Is(err, errNoObject) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	sequence, err := strconv.ParseUint(p.Sequence, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read position: %w", err)
	}
	return sequence, nil
}

func (c *client) savePosition(ctx context.Context, born string, sequence uint64) error {
	return c.put(ctx, []*models.Object{{Class: stateClass, ID: strfmt.UUID(positionID(born)),
		Properties: position{Log: born, Sequence: strconv.FormatUint(sequence, 10)}}})
}

// saver writes positions that are old enough.
type saver struct {
	// next is written once it has rested since taken; saved was.
	next, saved uint64
	taken       time.Time
}

// due gives a position that may be written, if there is one.
func (s *saver) due(now time.Time, projected uint64) (sequence uint64, ok bool) {
	if s.taken.IsZero() {
		s.taken, s.next = now, projected
	}
	if now.Sub(s.taken) < settling {
		return 0, false
	}
	sequence = s.next
	s.taken, s.next = now, projected
	if sequence <= s.saved {
		return 0, false
	}
	s.saved = sequence
	return sequence, true
}
