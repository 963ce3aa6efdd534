package volume

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/e2e/proc"
)

// TestTailsVanish cuts 200 tails without a goodbye. Nothing of them may be left
// in gateway or logs service: no goroutine, no connection.
func TestTailsVanish(t *testing.T) {
	type usage struct{ gateway, logs, gatewayFiles, logsFiles int }
	now := func() usage {
		u := usage{gateway: running.Goroutines(t, viewer), logs: running.Goroutines(t, logs)}
		var errGateway, errLogs error
		u.gatewayFiles, errGateway = proc.Files(pid(t, "gateway"))
		u.logsFiles, errLogs = proc.Files(pid(t, "logs"))
		if errGateway != nil || errLogs != nil {
			t.Fatal(errGateway, errLogs)
		}
		return u
	}
	vanish(t, 10) // what stays open on purpose is open from here on
	before := now()
	vanish(t, 200)
	eventually(t, "nothing of 200 tails is left", func() bool {
		u := now()
		return u.gateway <= before.gateway+8 && u.logs <= before.logs+8 && u.gatewayFiles <= before.gatewayFiles+4 && u.logsFiles <= before.logsFiles+4
	})
}

// vanish opens and cuts tails, some at a time.
func vanish(t *testing.T, n int) {
	t.Helper()
	const together = 10
	for done := 0; done < n; done += together {
		var all sync.WaitGroup
		for range together {
			all.Go(func() {
				tail := viewer.Tail(t, fmt.Sprintf("/api/v1/logs/tail?since=%d", time.Now().Add(-time.Minute).UnixMilli()))
				tail.Next(t, "row")
				tail.Vanish()
			})
		}
		all.Wait()
	}
}
