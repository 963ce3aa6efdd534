package shop

import (
	"fmt"
	"sort"
	"time"
)

// Event is one line of what really happened: the truth that an analysis of
// the telemetry should find again.
type Event struct {
	Time    time.Time
	Service string
	Text    string
}

// Timeline tells an incident in order: its start, when each caller begins to
// feel it, its end.
func (s *Shop) Timeline(i Incident) []Event {
	events := []Event{
		{i.Start, i.Service, string(i.Kind) + " begins"},
		{i.End, i.Service, string(i.Kind) + " ends"},
	}
	for name, felt := range s.reach(i) {
		events = append(events, Event{i.shows().Add(felt), name, fmt.Sprintf("feels %s in %s", i.Kind, i.Service)})
	}
	sort.Slice(events, func(a, b int) bool {
		return events[a].Time.Before(events[b].Time) || events[a].Time.Equal(events[b].Time) && events[a].Service < events[b].Service
	})
	return events
}

// reach finds every service upstream of the incident and after what time the
// quickest way leads there.
func (s *Shop) reach(i Incident) map[string]time.Duration {
	felt := map[string]time.Duration{}
	next := []string{i.Service}
	for len(next) > 0 {
		name := next[0]
		next = next[1:]
		for _, e := range s.Callers(name) {
			if e.Async && !i.fills(name) {
				continue
			}
			after := felt[name] + s.lags[e]
			if known, ok := felt[e.From]; !ok || after < known {
				felt[e.From] = after
				next = append(next, e.From)
			}
		}
	}
	return felt
}

// fills says that the incident fills the queue of the named service; in any
// other case nobody waits for what goes through a queue.
func (i Incident) fills(name string) bool { return i.Kind == QueueBackup && i.Service == name }

// shows is when others can notice: a leak is harmless while there is room.
func (i Incident) shows() time.Time {
	if i.Kind != MemoryLeak {
		return i.Start
	}
	return i.Start.Add(time.Duration(tightFrom * float64(i.End.Sub(i.Start))))
}
