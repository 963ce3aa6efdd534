package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"time"

	"github.com/platformbuilds/mirador-core/e2e/bench/dataset"
	"github.com/platformbuilds/mirador-core/e2e/bench/load"
	"github.com/platformbuilds/mirador-core/e2e/proc"
	"github.com/platformbuilds/mirador-core/e2e/stack"
)

// rows of the log query.
const rows = 100_000

// telemetry compares a query of 100,000 log rows and a trace of 2,000 spans
// through the gateway with the same requests straight to the stand-ins. No
// real VictoriaLogs or VictoriaTraces can be had by package: give their
// addresses by VL_ENDPOINTS and VT_ENDPOINTS to a stack of your own.
func telemetry(o options, dir string) error {
	s, err := stack.Start(filepath.Join(dir, "run"), append(unlimited(), "DEMO_HOURS=1", fmt.Sprintf("DEMO_LOG_ROWS=%d", rows))...)
	if err != nil {
		return err
	}
	defer func() { _ = s.Stop() }()
	at, err := read(s)
	if err != nil {
		return err
	}
	if err := dataset.WriteTrace(at["MIRADOR_VT_URL"]); err != nil {
		return err
	}
	fmt.Printf("\nlogs and traces, back end: standin\n%-24s %7s  %-8s %10s %8s %9s %9s %8s %9s %8s  %s\n",
		"query", "clients", "target", "req/s", "time", "p50", "first", "first", "cpu", "cpu", "notes")
	for _, clients := range []int{1, 4} {
		compare(o, "100,000 log rows", clients, logRows(s, at))
	}
	for _, clients := range []int{1, 16} {
		compare(o, "trace, 2,000 spans", clients, trace(s, at))
	}
	return nil
}

// read takes the stack's addresses.
func read(s *stack.Stack) (map[string]string, error) {
	at := map[string]string{}
	for _, name := range []string{"MIRADOR_URL", "MIRADOR_VIEWER_TOKEN", "MIRADOR_VL_URL", "MIRADOR_VT_URL", "MIRADOR_BULK_START", "MIRADOR_BULK_END"} {
		value, err := s.Env(name)
		if err != nil {
			return nil, err
		}
		at[name] = value
	}
	return at, nil
}

// tenantHeaders are those of the demo's tenant at the back ends.
var tenantHeaders = []string{"AccountID: 1", "ProjectID: 0"}

func logRows(s *stack.Stack, at map[string]string) []load.Target {
	params := url.Values{"query": {"service:=bulk"}, "start": {at["MIRADOR_BULK_START"]}, "end": {at["MIRADOR_BULK_END"]}, "limit": {strconv.Itoa(rows)}}
	body, _ := json.Marshal(map[string]any{"query": "service:=bulk", "start": at["MIRADOR_BULK_START"], "end": at["MIRADOR_BULK_END"], "limit": rows})
	return []load.Target{
		{Name: "direct", URL: at["MIRADOR_VL_URL"], Header: tenantHeaders, CPU: cpu(s, "devstack"),
			Request: func(int) (string, []byte) { return "/select/logsql/query?" + params.Encode(), nil }},
		{Name: "gateway", URL: at["MIRADOR_URL"], Token: at["MIRADOR_VIEWER_TOKEN"], Header: []string{"Accept: application/x-ndjson"},
			CPU: cpu(s, "devstack", "gateway", "logs"), Request: func(int) (string, []byte) { return "/api/v1/logs/query", body }},
	}
}

func trace(s *stack.Stack, at map[string]string) []load.Target {
	return []load.Target{
		{Name: "direct", URL: at["MIRADOR_VT_URL"], Header: tenantHeaders, CPU: cpu(s, "devstack"),
			Request: func(int) (string, []byte) { return "/select/jaeger/api/traces/" + dataset.TraceID, nil }},
		{Name: "gateway", URL: at["MIRADOR_URL"], Token: at["MIRADOR_VIEWER_TOKEN"], Header: []string{"Cache-Control: no-cache"},
			CPU: cpu(s, "devstack", "gateway", "traces"), Request: func(int) (string, []byte) { return "/api/v1/traces/" + dataset.TraceID, nil }},
	}
}

// cpu adds up what the named processes have used. The launcher holds the
// stand-ins.
func cpu(s *stack.Stack, names ...string) func() time.Duration {
	return func() (sum time.Duration) {
		for _, name := range names {
			if pid, err := s.PID(name); err == nil {
				used, _ := proc.CPU(pid)
				sum += used
			}
		}
		return sum
	}
}

// compare prints the ratios of time, first byte and CPU, direct to gateway.
func compare(o options, name string, clients int, targets []load.Target) {
	results := load.Compare(targets, clients, o.slice, o.rounds)
	base := results[0]
	for _, r := range results {
		notes := fmt.Sprintf("%d B", r.Bytes)
		if r.Errors > 0 {
			notes += fmt.Sprintf("; %d ERRORS, last: %v", r.Errors, r.LastError)
		}
		fmt.Printf("%-24s %7d  %-8s %10.1f %8.2f %9s %9s %8.2f %9s %8.2f  %s\n", name, clients, r.Name, r.PerSecond, r.PerSecond/base.PerSecond,
			short(r.P50), short(r.First50), ratio(r.First50, base.First50), short(r.CPU), ratio(r.CPU, base.CPU), notes)
	}
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(max(b, 1)) }
