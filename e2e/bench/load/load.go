package load

import (
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Target is one place to send a request to.
type Target struct {
	// Name in the table.
	Name string
	// URL of the server, scheme and host only.
	URL string
	// Token for the Authorization header; empty means none.
	Token string
	// Header lines ("Name: value") of every request.
	Header []string
	// CPU is the time that all processes behind the target have used so far;
	// nil measures none.
	CPU func() time.Duration
	// Path and body of the n-th request of this target; a nil body is a GET.
	Request func(n int) (path string, body []byte)
}

// Result of one target at one number of clients.
type Result struct {
	// Name of the target.
	Name string
	// PerSecond counts finished requests.
	PerSecond float64
	// P50 and P99 of the whole answer, First50 of its first byte.
	P50, P99, First50 time.Duration
	// Requests and Errors counted.
	Requests, Errors int
	// LastError of the run, for people.
	LastError error
	// Bytes of an average body.
	Bytes int
	// CPU time of one request in all processes behind the target.
	CPU time.Duration
}

type run struct {
	target   Target
	mu       sync.Mutex
	sent     int
	whole    []time.Duration
	first    []time.Duration
	bytes    int
	errors   int
	last     error
	measured time.Duration
	cpu      time.Duration
}

// Compare drives the targets in turn, for the given time each and round, with
// the given number of clients.
func Compare(targets []Target, clients int, slice time.Duration, rounds int) []Result {
	runs := make([]*run, len(targets))
	for i, t := range targets {
		runs[i] = &run{target: t}
		runs[i].drive(clients, slice/4)
		runs[i].reset()
	}
	for range rounds {
		for _, r := range runs {
			r.drive(clients, slice)
		}
	}
	results := make([]Result, len(runs))
	for i, r := range runs {
		results[i] = r.result()
	}
	return results
}

// reset forgets the warm-up but goes on counting requests, so that a moving
// window does not come back to answers that were cached.
func (r *run) reset() {
	r.whole, r.first, r.bytes, r.errors, r.measured, r.cpu = nil, nil, 0, 0, 0, 0
}

func (r *run) drive(clients int, slice time.Duration) {
	before := r.used()
	start := time.Now()
	end := start.Add(slice)
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() { r.loop(end) })
	}
	wg.Wait()
	r.measured += time.Since(start)
	r.cpu += r.used() - before
}

func (r *run) used() time.Duration {
	if r.target.CPU == nil {
		return 0
	}
	return r.target.CPU()
}

func (r *run) loop(end time.Time) {
	u, err := url.Parse(r.target.URL)
	if err != nil {
		r.note(0, 0, 0, err)
		return
	}
	c := &client{addr: u.Host}
	defer c.close()
	for time.Now().Before(end) {
		head, body := r.next(u.Host)
		start := time.Now()
		size, first, err := c.do(head, body)
		r.note(size, first, time.Since(start), err)
	}
}

func (r *run) next(host string) (head, body []byte) {
	r.mu.Lock()
	n := r.sent
	r.sent++
	r.mu.Unlock()
	path, body := r.target.Request(n)
	method := "GET"
	if body != nil {
		method = "POST"
	}
	head = fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, path, host)
	if r.target.Token != "" {
		head = fmt.Appendf(head, "Authorization: Bearer %s\r\n", r.target.Token)
	}
	for _, line := range r.target.Header {
		head = fmt.Appendf(head, "%s\r\n", line)
	}
	if body != nil {
		head = fmt.Appendf(head, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	return append(head, "\r\n"...), body
}

func (r *run) note(size int, first, whole time.Duration, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.errors++
		r.last = err
		return
	}
	r.bytes += size
	r.first = append(r.first, first)
	r.whole = append(r.whole, whole)
}

func (r *run) result() Result {
	out := Result{Name: r.target.Name, Requests: len(r.whole), Errors: r.errors, LastError: r.last}
	if len(r.whole) == 0 {
		return out
	}
	out.PerSecond = float64(len(r.whole)) / r.measured.Seconds()
	out.P50, out.P99 = quantile(r.whole, 0.5), quantile(r.whole, 0.99)
	out.First50 = quantile(r.first, 0.5)
	out.Bytes = r.bytes / len(r.whole)
	out.CPU = r.cpu / time.Duration(len(r.whole))
	return out
}

func quantile(d []time.Duration, q float64) time.Duration {
	slices.Sort(d)
	return d[int(q*float64(len(d)-1))]
}
