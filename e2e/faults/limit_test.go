package faults

import (
	"strconv"
	"testing"
)

// TestOverTheLimit sends more than the tenant other may, while demo goes on.
func TestOverTheLimit(t *testing.T) {
	s := boot(t, "DEMO_OTHER_RATE_LIMIT=30")
	other := user(t, s, "MIRADOR_OTHER_TOKEN")
	for range 200 {
		a := other.Get(t, query)
		if a.Status == 200 {
			continue
		}
		a.WantProblem(t, 429, "rate_limited")
		wait, err := strconv.Atoi(a.Header.Get("Retry-After"))
		if err != nil || wait < 1 || wait > 60 {
			t.Errorf("Retry-After %q", a.Header.Get("Retry-After"))
		}
		if a.Header.Get("X-Rate-Limit-Limit") != "30" || a.Header.Get("X-Rate-Limit-Remaining") != "0" {
			t.Errorf("headers %v", a.Header)
		}
		if a.At("retry_after") == nil || a.At("error") != "Rate limit exceeded" {
			t.Errorf("problem %s", a.Body)
		}
		user(t, s, "MIRADOR_VIEWER_TOKEN").Get(t, query).Want(t, 200)
		return
	}
	t.Fatal("no request of 200 was refused at a limit of 30 a minute")
}
