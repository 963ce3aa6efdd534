package resultcache

import "time"

const (
	// settling is how long the back end may still change what it knows of a
	// time: late samples, samples of other stores.
	settling = 5 * time.Minute
	// freshness is the longest life of an answer that touches now.
	freshness = 15 * time.Second
)

// Window is the time that an answer covers.
type Window struct {
	// End of the range, or the time of an instant query; zero means now. A
	// query that looks beyond it, with a negative offset, has to say so here.
	End time.Time
	// Step between points; 0 when the query has none.
	Step time.Duration
}

// TTL returns how long an answer over the window may be kept. One that ends
// within the last five minutes touches now and lives for min(15 s, step); an
// older one is closed and lives for closed, the configured life.
func TTL(w Window, now time.Time, closed time.Duration) time.Duration {
	if !w.End.IsZero() && w.End.Before(now.Add(-settling)) {
		return closed
	}
	if w.Step > 0 {
		return min(freshness, w.Step, closed)
	}
	return min(freshness, closed)
}
