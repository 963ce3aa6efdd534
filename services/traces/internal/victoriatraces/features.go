package victoriatraces

import (
	"errors"
	"sync"
	"time"

	"github.com/platformbuilds/mirador-core/services/traces/internal/servicemap"
)

// relearn is how long it is believed that the back end lacks a feature: it may
// be upgraded without Mirador being told.
const relearn = 5 * time.Minute

// features remembers what the back end does not have.
type features struct {
	now     func() time.Time
	mu      sync.Mutex
	missing map[string]time.Time
}

func newFeatures(now func() time.Time) *features {
	return &features{now: now, missing: map[string]time.Time{}}
}

// lacks tells that the feature was found missing a short time ago.
func (f *features) lacks(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	since, ok := f.missing[name]
	return ok && f.now().Sub(since) < relearn
}

// judge remembers a refusal that means that the feature is missing, and gives
// servicemap.ErrUnsupported for it; other refusals become faults.
func (f *features) judge(name string, err error) error {
	var r *refusal
	if !errors.As(err, &r) || !r.missing() {
		return judged(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.missing[name] = f.now()
	return servicemap.ErrUnsupported
}
