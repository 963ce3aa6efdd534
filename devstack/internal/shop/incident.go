package shop

import (
	"fmt"
	"time"
)

// Kind is what goes wrong.
type Kind string

// The incidents that the story knows.
const (
	DatabaseLatency Kind = "database-latency"
	MemoryLeak      Kind = "memory-leak"
	BadDeploy       Kind = "bad-deploy"
	QueueBackup     Kind = "queue-backup"
	CPUSaturation   Kind = "cpu-saturation"
)

// Incident is one thing that goes wrong in one service: it builds up over
// Ramp from Start, holds until End and fades over another Ramp.
type Incident struct {
	Kind    Kind          `json:"kind"`
	Service string        `json:"service"`
	Start   time.Time     `json:"start"`
	End     time.Time     `json:"end"`
	Ramp    time.Duration `json:"ramp"`
}

// kinds is indexed by seed modulo six; place 0 stands for a quiet story.
func kinds() []Kind {
	return []Kind{"", DatabaseLatency, MemoryLeak, BadDeploy, QueueBackup, CPUSaturation}
}

// suspects lists the services that a kind may strike.
func suspects(kind Kind) []string {
	return map[Kind][]string{
		DatabaseLatency: {"shop-db", "cart-cache"},
		MemoryLeak:      {"recommendation", "catalogue", "cart"},
		BadDeploy:       {"payment", "checkout", "users", "shipping"},
		QueueBackup:     {"orders", "notifications"},
		CPUSaturation:   {"catalogue", "recommendation", "payment", "frontend"},
	}[kind]
}

// Plan says what goes wrong between start and now for a seed: seed modulo 6
// picks the kind (0: nothing), the seed picks service, moment and length. The
// incident is over at least a sixth of the time before now.
func Plan(seed uint64, start, now time.Time) (Incident, bool) {
	kind := kinds()[seed%6]
	if kind == "" {
		return Incident{}, false
	}
	span := now.Sub(start)
	begin := start.Add(span/6 + part(seed, "moment", span/2)).Truncate(time.Minute)
	return strike(seed, kind, begin, span/12+part(seed, "length", span/18)), true
}

// Fresh is an incident that begins at now, for a live demonstration. A seed
// that tells a quiet story strikes a database.
func Fresh(seed uint64, now time.Time) Incident {
	kind := kinds()[seed%6]
	if kind == "" {
		kind = DatabaseLatency
	}
	i := strike(seed, kind, now, 8*time.Minute+part(seed, "length", 4*time.Minute))
	i.Ramp = 45 * time.Second
	return i
}

func strike(seed uint64, kind Kind, begin time.Time, length time.Duration) Incident {
	possible := suspects(kind)
	victim := possible[mix(seed, text("victim"))%uint64(len(possible))]
	return Incident{Kind: kind, Service: victim, Start: begin, End: begin.Add(length), Ramp: time.Minute + part(seed, "ramp", 2*time.Minute)}
}

func part(seed uint64, key string, of time.Duration) time.Duration {
	return time.Duration(fraction(seed, text(key)) * float64(of))
}

// Severity tells how bad it is at t: 0 before and after, 1 at the height.
func (i Incident) Severity(t time.Time) float64 {
	switch {
	case t.Before(i.Start):
		return 0
	case t.After(i.End):
		return 1 - smooth(float64(t.Sub(i.End))/float64(i.Ramp))
	default:
		return smooth(float64(t.Sub(i.Start)) / float64(i.Ramp))
	}
}

// String names the incident for people.
func (i Incident) String() string {
	return fmt.Sprintf("%s in %s from %s to %s", i.Kind, i.Service, i.Start.UTC().Format(time.RFC3339), i.End.UTC().Format(time.RFC3339))
}
