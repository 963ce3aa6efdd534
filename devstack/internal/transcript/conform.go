package transcript

import (
	"context"
	"testing"
)

// Conform replays the exchanges in order, each as a test of its own: replay is
// nil when the answer is the recorded one, and whether it should be is for the
// differences to say. It logs how many passed,
// and returns that number.
func Conform(t *testing.T, all []Exchange, d Differences, replay func(context.Context, Exchange) error) (passed int) {
	t.Helper()
	for _, e := range all {
		t.Run(e.ID(), func(t *testing.T) {
			fault := replay(t.Context(), e)
			if err := d.Judge(e.ID(), fault); err != nil {
				t.Error(err)
			}
			if fault == nil {
				passed++
			}
		})
	}
	t.Logf("%d of %d exchanges pass", passed, len(all))
	return passed
}
