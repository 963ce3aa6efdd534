package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
	"github.com/platformbuilds/mirador-core/devstack/internal/shoplogs"
)

// Told is what the file keeps: enough to tell the same story again.
type Told struct {
	Seed      uint64          `json:"seed"`
	Target    string          `json:"target"`
	Start     time.Time       `json:"start"`
	Written   time.Time       `json:"written"`
	Incidents []shop.Incident `json:"incidents,omitempty"`
	// Feeds by name and tenant.
	Feeds map[string]Span `json:"feeds,omitempty"`
	// Bulk rows in the logs of the tenant demo.
	Bulk *shoplogs.Bulk `json:"bulk,omitempty"`
}

// maxIncidents bounds what is remembered; the oldest is forgotten first.
const maxIncidents = 50

func begin(o Options, now time.Time) Told {
	start := now.Add(-o.History)
	return Told{
		Seed: o.Seed, Target: o.Target, Start: start, Written: start.Add(-Step),
		Incidents: shop.New(o.Seed, start, now).Incidents,
	}
}

// bulkHours before the story hold the bulk rows: with a short story all of it
// lies within the day that one search may look at.
const bulkHours = 20

// bulk spreads rows over the hours before the story.
func bulk(rows int, start time.Time) *shoplogs.Bulk {
	if rows == 0 {
		return nil
	}
	end := start.Truncate(time.Hour).UTC()
	return &shoplogs.Bulk{Rows: rows, Start: end.Add(-bulkHours * time.Hour), End: end}
}

// continues says whether the story can go on: the same one at the same place,
// and with a gap that is shorter than a whole new history.
func (t Told) continues(o Options, now time.Time) bool {
	return !t.Start.IsZero() && t.Seed == o.Seed && t.Target == o.Target &&
		!t.Written.After(now) && now.Sub(t.Written) < o.History
}

func (t Told) story() *shop.Shop {
	story := shop.New(t.Seed, t.Start, t.Start)
	story.Incidents = nil
	return story.With(t.Incidents...)
}

func (t *Told) add(i shop.Incident) {
	all := append(slices.Clone(t.Incidents), i) // others may still read the old ones
	t.Incidents = all[max(0, len(all)-maxIncidents):]
}

// Seed tells which story the file holds; false means none.
func Seed(file string) (uint64, bool) {
	told, err := load(file)
	return told.Seed, err == nil && !told.Start.IsZero()
}

func load(file string) (Told, error) {
	var told Told
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return told, nil
	}
	if err != nil {
		return told, fmt.Errorf("read demo story: %w", err)
	}
	if err := json.Unmarshal(text, &told); err != nil {
		return Told{}, nil // a torn file is a story that was never told
	}
	return told, nil
}

func (t Told) save(file string) error {
	text, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return fmt.Errorf("encode demo story: %w", err)
	}
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return fmt.Errorf("write demo story: %w", err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		return fmt.Errorf("replace demo story: %w", err)
	}
	return nil
}
