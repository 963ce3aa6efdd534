package victoriametrics

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/services/query/internal/read"
)

// startReal runs VictoriaMetrics for the test and returns its URL.
func startReal(t *testing.T) string {
	t.Helper()
	binary, err := exec.LookPath("victoria-metrics")
	if err != nil {
		t.Skip("real component missing: victoria-metrics")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	cmd := exec.Command(binary, "-storageDataPath="+t.TempDir(), "-httpListenAddr="+address,
		"-retentionPeriod=10y", "-loggerLevel=ERROR", "-memory.allowedBytes=64MB")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	eventually(t, "it answers", func() bool {
		return fetch(t, http.MethodGet, "http://"+address+"/health", "") == "OK"
	})
	return "http://" + address
}

// eventually polls until the condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("timed out waiting until %s", what)
		}
	}
}

func fetch(t *testing.T, method, link, body string) string {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
	req, err := http.NewRequestWithContext(t.Context(), method, link, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	raw, _ := io.ReadAll(res.Body)
	return string(raw)
}

// at is the time of the samples: on a recent day, so that listings see it.
func at() time.Time { return time.Now().Add(-time.Hour).Truncate(time.Minute) }

// seed writes the same metrics for both tenants, each with its own marker.
func seed(t *testing.T, endpoint string, when time.Time) {
	t.Helper()
	for tenant, account := range map[string]int{"demo": 1, "other": 2} {
		var lines strings.Builder
		for i := range 3 {
			ms := when.Add(time.Duration(i-2) * 30 * time.Second).UnixMilli()
			fmt.Fprintf(&lines, "up{owner=%q,env=\"prod\"} 1 %d\nup{owner=%q,env=\"dev\"} 1 %d\n", tenant+"-marker", ms, tenant+"-marker", ms)
			fmt.Fprintf(&lines, "only_%s{owner=%q,env=\"prod\",label_%s=\"x\"} %d %d\n", tenant, tenant+"-marker", tenant, account, ms)
		}
		fetch(t, http.MethodPost, fmt.Sprintf("%s/api/v1/import/prometheus?extra_label=vm_account_id=%d&extra_label=vm_project_id=0",
			endpoint, account), lines.String())
	}
	eventually(t, "the samples show", func() bool {
		fetch(t, http.MethodGet, endpoint+"/internal/force_flush", "")
		all := fetch(t, http.MethodGet, fmt.Sprintf("%s/api/v1/query?nocache=1&time=%d&query=%s", endpoint, when.Unix(),
			url.QueryEscape(`count({owner=~".+"})`)), "")
		return strings.Contains(all, `"6"`)
	})
}

func ask(t *testing.T, c *Client, id *identity.Identity, r read.Request) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	res, err := c.do(ctx, id, r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw), nil
}

func TestRealServer(t *testing.T) {
	endpoint, when := startReal(t), at()
	seed(t, endpoint, when)
	client := newClient(t, Options{Mode: Auto}, endpoint)
	t.Run("reads", func(t *testing.T) { checkReads(t, client, when) })
	t.Run("isolation", func(t *testing.T) { checkIsolation(t, client, when) })
	t.Run("scope", func(t *testing.T) { checkScope(t, client, when) })
	t.Run("refusals", func(t *testing.T) { checkRefusals(t, client) })
	if err := client.Health(t.Context()); err != nil {
		t.Error(err)
	}
}

func checkReads(t *testing.T, client *Client, when time.Time) {
	now, before := fmt.Sprint(when.Unix()), fmt.Sprint(when.Add(-time.Minute).Unix())
	window := read.Select{Match: []string{"up"}, Start: before, End: now}
	for name, tt := range map[string]struct {
		r    read.Request
		want []string
	}{
		"instant": {read.Instant{Query: `sum(up) by (owner)`, Time: now}, []string{`"vector"`, "demo-marker", `"2"`}},
		"range":   {read.Range{Query: "up", Start: before, End: now, Step: "30"}, []string{`"matrix"`, "demo-marker", `"values":[[` + before}},
		"series":  {read.Series{Select: window}, []string{"demo-marker", `"__name__":"up"`}},
		"labels":  {read.Labels{Select: window}, []string{`"owner"`, `"env"`}},
		"values":  {read.LabelValues{Label: "env", Select: window}, []string{`["dev","prod"]`}},
		"rfc":     {read.Instant{Query: "up", Time: when.UTC().Format(time.RFC3339)}, []string{"demo-marker"}},
		"long":    {read.Instant{Query: "sum(up)" + strings.Repeat(" + 0", 1500), Time: now}, []string{`"2"`}},
	} {
		got, err := ask(t, client, caller("demo", 1, 0, ""), tt.r)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, want := range tt.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %s is missing in %s", name, want, got)
			}
		}
	}
}

// checkIsolation tries everything to see the other tenant's data. Each attempt
// may fail or answer, but never with a trace of the other.
func checkIsolation(t *testing.T, client *Client, when time.Time) {
	const widen = `&extra_filters[]={vm_account_id="2"}`
	now, before := fmt.Sprint(when.Unix()), fmt.Sprint(when.Add(-time.Minute).Unix())
	var tries []read.Request
	for _, q := range []string{
		`{__name__!=""}`, `{owner=~".+"}`, `up{vm_account_id="2"}`, `{vm_account_id=~".*"}`, `{vm_account_id!="1"}`, `only_other`,
		`union(up, {vm_account_id="2"})`, `up or {vm_account_id="2"}`, `{__name__="up" or vm_account_id="2"}`,
		`WITH (f = {vm_account_id="2"}) {f}`, `count({__name__!=""}) by (owner)`, `max_over_time({owner=~".+"}[10m:30s])`,
		`label_set(up{vm_account_id="2"}, "vm_account_id", "1")`, `{owner=~".+"} offset -1m`, `{owner=~".+"} @ ` + now,
		`absent(only_other) or only_other`, `count_values("owner", {owner=~".+"})`, `{owner="other-marker"}`,
		"up" + widen, `up"} or {vm_account_id="2`,
	} {
		tries = append(tries, read.Instant{Query: q, Time: now}, read.Range{Query: q, Start: before, End: now, Step: "30"},
			read.Series{Select: read.Select{Match: []string{q}, Start: before, End: now}},
			read.LabelValues{Label: "owner", Select: read.Select{Match: []string{q}, Start: before, End: now}},
			read.Labels{Select: read.Select{Match: []string{q, `{vm_account_id="2"}`}, Start: before, End: now}})
	}
	tries = append(tries,
		read.Instant{Query: "up", Time: now + widen}, read.Instant{Query: "up", Time: now, Step: "1m" + widen},
		read.Series{Select: read.Select{Match: []string{"up"}, Start: before, End: now + widen}},
		read.LabelValues{Label: "owner", Select: read.Select{}}, read.LabelValues{Label: "__name__", Select: read.Select{}}, read.LabelValues{Label: "vm_account_id", Select: read.Select{Start: before, End: now}},
		read.LabelValues{Label: `owner/values?extra_filters[]={vm_account_id="2"}#`, Select: read.Select{}}, read.Labels{}, read.Metadata{})
	answers := 0
	for _, r := range tries {
		got, err := ask(t, client, caller("demo", 1, 0, ""), r)
		if strings.Contains(got, "demo-marker") {
			answers++
		}
		for _, secret := range []string{"other-marker", "only_other", "label_other", `["1","2"]`, `["2"]`} {
			if f := fault.From(err); strings.Contains(got, secret) || f != nil && strings.Contains(f.Detail, "other-marker") && !asksFor(r, secret) {
				t.Errorf("%#v shows %s: %s %v", r, secret, got, err)
			}
		}
	}
	if answers < 20 {
		t.Errorf("only %d attempts found the caller's own data: the test proves nothing", answers)
	}
}

// asksFor tells that the attempt itself holds the text, so that an error may
// repeat it.
func asksFor(r read.Request, text string) bool { return strings.Contains(fmt.Sprintf("%#v", r), text) }

func checkScope(t *testing.T, client *Client, when time.Time) {
	id := caller("demo", 1, 0, `env="prod"`)
	got, err := ask(t, client, id, read.Instant{Query: `up or {env="dev"}`, Time: fmt.Sprint(when.Unix())})
	if err != nil || strings.Contains(got, `"dev"`) || !strings.Contains(got, `"prod"`) {
		t.Errorf("got %s, %v", got, err)
	}
	// This server is too old for alternatives: it must refuse, not widen.
	got, err = ask(t, client, caller("demo", 1, 0, `env="prod" or env="none"`), read.Instant{Query: "up", Time: fmt.Sprint(when.Unix())})
	if strings.Contains(got, `"dev"`) || strings.Contains(got, "other-marker") {
		t.Errorf("a scope with alternatives shows %s, %v", got, err)
	}
}

func checkRefusals(t *testing.T, client *Client) {
	for query, want := range map[string]fault.Code{
		"sum(up": fault.CodeQueryInvalid, "label_replace(up)": fault.CodeQueryRejected, "nosuchfunc(up)": fault.CodeQueryRejected,
	} {
		_, err := ask(t, client, caller("demo", 1, 0, ""), read.Instant{Query: query})
		if !errors.Is(err, fault.New(want, "")) {
			t.Errorf("%s: got %v, want %s", query, err, want)
		}
		if f := fault.From(err); strings.Contains(f.Detail, "vm_account_id") || f.Detail == "" {
			t.Errorf("%s: got detail %q", query, f.Detail)
		}
	}
}
