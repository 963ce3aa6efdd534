package traces

import (
	"testing"

	"github.com/platformbuilds/mirador-core/devstack/internal/transcript"
)

// differences is the whole list: TestConformance fails when an exchange
// outside of it does not pass, and when one of it does.
func differences() transcript.Differences {
	return transcript.Differences{
		{Reason: "`limit=-1` is refused with 400; it ends the real server's process.", Exchanges: []string{
			"victoriatraces/07-health-misc/limit_negative_kills_the_server",
		}},
		{Reason: "No web pages, none of the real server's own metrics.", Exchanges: []string{
			"victoriatraces/07-health-misc/root", "victoriatraces/07-health-misc/vmui", "victoriatraces/07-health-misc/metrics",
		}},
	}
}

// TestDifferences finds names that no transcript has and keeps the table in
// the README equal to the list; UPDATE_README=1 writes it.
func TestDifferences(t *testing.T) {
	differences().Check(t, "differences of traces", transcript.Read(t, "victoriatraces"))
}
