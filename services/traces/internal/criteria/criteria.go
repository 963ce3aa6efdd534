// Package criteria is what a client may look for: it reads the forms in which
// searches are written, and refuses what the back end would misunderstand.
package criteria

import (
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/timeparam"
)

const (
	// DefaultLimit of traces.
	DefaultLimit = 20
	// MaxLimit is the most that may be asked for.
	MaxLimit = 1000
	// maxName bounds names of services and operations, in bytes.
	maxName = 1024
)

// Search is a search as a client wrote it; see the contract of
// /api/v1/traces/search.
type Search struct {
	Service, Operation, Tags string
	MinDuration, MaxDuration string
	Start, End               string
	Limit                    int
	// MoreTags join those of Tags.
	MoreTags map[string]string
}

// Criteria is a search that was understood.
type Criteria struct {
	// Service is "" for all.
	Service string
	// Operation is "" for all.
	Operation string
	// Tags that some span must have, all as texts.
	Tags map[string]string
	// MinDuration and MaxDuration of a span; 0 means no bound.
	MinDuration, MaxDuration time.Duration
	// Window that spans lie in.
	Window
	// Limit of traces, 1 to MaxLimit.
	Limit int
}

// Window of time.
type Window struct{ Start, End time.Time }

// Reader reads what clients write.
type Reader struct {
	// Message of every fault.
	Message string
	// In stands before names of fields: "/" for members of a body.
	In string
	// Default length of a window without a start.
	Default time.Duration
	// MaxRange of a window.
	MaxRange time.Duration
	// Now is the clock.
	Now time.Time
}

// Search reads a search.
func (r Reader) Search(s Search) (Criteria, error) {
	c := Criteria{Service: s.Service, Operation: s.Operation, Limit: Limit(s.Limit)}
	if err := r.name("service", s.Service); err != nil {
		return Criteria{}, err
	}
	if err := r.name("operation", s.Operation); err != nil {
		return Criteria{}, err
	}
	var err error
	if c.Tags, err = r.tags(s.Tags, s.MoreTags); err != nil {
		return Criteria{}, err
	}
	if c.MinDuration, err = r.duration("minDuration", s.MinDuration); err != nil {
		return Criteria{}, err
	}
	if c.MaxDuration, err = r.duration("maxDuration", s.MaxDuration); err != nil {
		return Criteria{}, err
	}
	if c.MaxDuration > 0 && c.MinDuration > c.MaxDuration {
		return Criteria{}, r.refuse("minDuration", "is longer than maxDuration")
	}
	c.Window, err = r.Window(s.Start, s.End)
	return c, err
}

// Limit of traces that a client gets: anything out of bounds means the default.
// The back end dies of negative ones.
func Limit(asked int) int {
	if asked < 1 || asked > MaxLimit {
		return DefaultLimit
	}
	return asked
}

// Window reads start and end; end is now unless it is given, start the default
// length before the end.
func (r Reader) Window(start, end string) (Window, error) {
	w := Window{End: r.Now}
	var err error
	if end != "" {
		if w.End, err = r.time("end", end); err != nil {
			return Window{}, err
		}
	}
	w.Start = w.End.Add(-r.Default)
	if start != "" {
		if w.Start, err = r.time("start", start); err != nil {
			return Window{}, err
		}
	}
	switch length := w.End.Sub(w.Start); {
	case length < 0:
		return Window{}, r.refuse("start", "is after end")
	case r.MaxRange > 0 && length > r.MaxRange:
		return Window{}, fault.New(fault.CodeQueryTooExpensive, r.Message).
			WithField(r.In+"start", "is more than %s before end, the longest window of this server", r.MaxRange)
	}
	return w, nil
}

func (r Reader) time(field, text string) (time.Time, error) {
	at, err := timeparam.ParseTime(text, r.Now)
	if err != nil {
		return time.Time{}, fault.New(fault.CodeInvalidTime, r.Message).
			WithField(r.In+field, "%s", err.Error()).Wrap(err)
	}
	if at.Year() < 1970 || at.Year() > 2200 {
		return time.Time{}, r.refuse(field, "is out of range")
	}
	return at, nil
}

// name bounds a name; what it holds is the writer's business.
func (r Reader) name(field, text string) error {
	if len(text) > maxName {
		return r.refuse(field, "is longer than 1024 bytes")
	}
	return nil
}

func (r Reader) refuse(field, detail string) error {
	return fault.New(fault.CodeInvalidRequest, r.Message).WithField(r.In+field, "%s", detail)
}
