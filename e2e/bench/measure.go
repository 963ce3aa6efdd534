package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/platformbuilds/mirador-core/e2e/bench/dataset"
	"github.com/platformbuilds/mirador-core/e2e/bench/load"
	"github.com/platformbuilds/mirador-core/e2e/proc"
)

// question is one query in both shapes: the gateway's JSON body and the back
// end's query string.
type question struct {
	name     string
	endpoint string
	clients  []int
	// rate is how many windows one level may use up, in units of apart.
	rate   int
	params func(n int) map[string]string
}

func questions(end time.Time) []question {
	all := fmt.Sprintf(`{__name__=~"%s|%s"}`, dataset.Counter, dataset.Gauge)
	hundred := fmt.Sprintf(`rate(%s{service=~"service-03|service-07"}[5m])`, dataset.Counter)
	ten := fmt.Sprintf(`%s{service="service-03",route="/api/resource/1"}`, dataset.Counter)
	return []question{
		{"instant", "query", []int{1, 16, 64}, 100, func(n int) map[string]string {
			return map[string]string{"query": ten, "time": unix(end, -n)}
		}},
		{"range, 100 series", "query_range", []int{1, 16, 64}, 1, func(n int) map[string]string {
			shift := -(n % 9000) * 1000
			return map[string]string{"query": hundred, "start": unix(end, shift-3600_000), "end": unix(end, shift), "step": "60"}
		}},
		{"heavy, 8.8 MB", "query_range", []int{16}, 1, func(n int) map[string]string {
			shift := -(n % 9000) * 1000
			return map[string]string{"query": all, "start": unix(end, shift-10800_000), "end": unix(end, shift), "step": "60"}
		}},
	}
}

// unix is t plus some milliseconds.
func unix(t time.Time, milliseconds int) string {
	at := t.UnixMilli() + int64(milliseconds)
	return fmt.Sprintf("%d.%03d", at/1000, at%1000)
}

// apart keeps the windows of one number of clients away from those of another.
const apart = 2500

func measure(o options, p *place) error {
	gateway, err := p.stack.Env("MIRADOR_URL")
	if err != nil {
		return err
	}
	token, err := p.stack.Env("MIRADOR_VIEWER_TOKEN")
	if err != nil {
		return err
	}
	meters, err := p.meters()
	if err != nil {
		return err
	}
	fmt.Printf("\nback end: %s\n%-24s %7s  %-8s %10s %8s %9s %9s %9s  %s\n", p.kind,
		"query", "clients", "target", "req/s", "ratio", "p50", "p99", "first", "notes")
	for _, q := range questions(p.end) {
		for i, clients := range q.clients {
			level, params := q, q.params
			level.params = func(n int) map[string]string { return params(n + i*apart*q.rate) }
			report(o, level, clients, meters, []load.Target{
				direct(p.direct, level), through(gateway, token, level)})
		}
	}
	for _, q := range questions(p.end)[:2] {
		still, params := q, q.params
		still.name, still.params = q.name+", same", func(int) map[string]string { return params(0) }
		report(o, still, 16, meters, []load.Target{direct(p.direct, still), through(gateway, token, still)})
	}
	return nil
}

func direct(base string, q question) load.Target {
	u, _ := url.Parse(base)
	return load.Target{Name: "direct", URL: base, Request: func(n int) (string, []byte) {
		values := url.Values{}
		for name, value := range q.params(n) {
			values.Set(name, value)
		}
		return u.Path + "/" + q.endpoint + "?" + values.Encode(), nil
	}}
}

func through(base, token string, q question) load.Target {
	return load.Target{Name: "gateway", URL: base, Token: token, Request: func(n int) (string, []byte) {
		body, _ := json.Marshal(q.params(n))
		return "/api/v1/" + q.endpoint, body
	}}
}

// meters are the processes that a request through the gateway costs.
func (p *place) meters() (map[string]int, error) {
	pids := map[string]int{}
	for _, name := range []string{"gateway", "query"} {
		pid, err := p.stack.PID(name)
		if err != nil {
			return nil, err
		}
		pids[name] = pid
	}
	return pids, nil
}

func report(o options, q question, clients int, pids map[string]int, targets []load.Target) {
	before := map[string]time.Duration{}
	for name, pid := range pids {
		_ = proc.ResetPeak(pid)
		before[name], _ = proc.CPU(pid)
	}
	results := load.Compare(targets, clients, o.slice, o.rounds)
	for i, r := range results {
		notes := fmt.Sprintf("%d B", r.Bytes)
		if i > 0 {
			notes += cost(pids, before, r)
		}
		if r.Errors > 0 {
			notes += fmt.Sprintf("; %d ERRORS, last: %v", r.Errors, r.LastError)
		}
		fmt.Printf("%-24s %7d  %-8s %10.1f %8.2f %9s %9s %9s  %s\n", q.name, clients, r.Name, r.PerSecond,
			r.PerSecond/results[0].PerSecond, short(r.P50), short(r.P99), short(r.First50), notes)
	}
}

// cost charges the CPU time of the processes to the measured requests; the
// warm-up's share is in it, which rounds it up.
func cost(pids map[string]int, before map[string]time.Duration, r load.Result) string {
	text, rss := "", 0
	for _, name := range []string{"gateway", "query"} {
		after, _ := proc.CPU(pids[name])
		peak, _ := proc.PeakRSS(pids[name])
		rss += peak
		text += fmt.Sprintf("; %s %d us", name, (after-before[name]).Microseconds()/int64(max(r.Requests, 1)))
	}
	return text + fmt.Sprintf("; peak %d MiB", rss>>20)
}

func short(d time.Duration) string { return d.Round(10 * time.Microsecond).String() }
