package limit

import (
	"strconv"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// Budget is where one counter stands after a request.
type Budget struct {
	// Name of the policy: address, tenant or user.
	Name string
	// Limit of the window.
	Limit int64
	// Remaining units, an estimate between two leases.
	Remaining int64
}

// Decision about one request. The zero value allows and knows no budget.
type Decision struct {
	// Refused requests get Err.
	Refused bool
	// Reset is when the window ends.
	Reset time.Time
	// Budgets that were looked at, the tightest first.
	Budgets []Budget

	after time.Duration
}

// Err is nil when allowed, else the contract's fault with the seconds to wait.
func (d Decision) Err() error {
	if !d.Refused {
		return nil
	}
	return fault.New(fault.CodeRateLimited, "Rate limit exceeded").
		WithDetail("the budget of your %s is used up", d.Budgets[0].Name).
		WithRetryAfter(time.Duration(d.seconds()) * time.Second)
}

// Headers calls set with each header of the answer: the contract's
// X-Rate-Limit-*, RateLimit and RateLimit-Policy of the IETF draft
// (draft-ietf-httpapi-ratelimit-headers), and Retry-After on a refusal.
func (d Decision) Headers(set func(name, value string)) {
	if len(d.Budgets) == 0 {
		return
	}
	tightest := d.Budgets[0]
	set("X-Rate-Limit-Limit", number(tightest.Limit))
	set("X-Rate-Limit-Remaining", number(tightest.Remaining))
	set("X-Rate-Limit-Reset", number(d.Reset.Unix()))
	set("RateLimit-Policy", d.list(func(b Budget) string {
		return quote(b.Name) + ";q=" + number(b.Limit) + ";w=" + number(int64(Window/time.Second))
	}))
	seconds := number(d.seconds())
	set("RateLimit", d.list(func(b Budget) string {
		return quote(b.Name) + ";r=" + number(b.Remaining) + ";t=" + seconds
	}))
	if d.Refused {
		set("Retry-After", seconds)
	}
}

// seconds until the window ends, rounded up: a client that waits so long is
// never early.
func (d Decision) seconds() int64 {
	return max(1, int64((d.after+time.Second-1)/time.Second))
}

func (d Decision) list(item func(Budget) string) string {
	items := make([]string, len(d.Budgets))
	for i, b := range d.Budgets {
		items[i] = item(b)
	}
	return strings.Join(items, ", ")
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func quote(name string) string { return `"` + name + `"` }
