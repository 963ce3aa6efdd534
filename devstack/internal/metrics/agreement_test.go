package metrics

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const agreementBase = 1795168800 // 2026-11-20 10:00:00Z

// agreeing are queries for which the stand-in gives the real server's numbers,
// also that of Debian, which is years older than the recorded one.
var agreeing = []string{
	`requests_total`, `requests_total offset 3m`, `{__name__=~"requests_total|load"}`, `load{host!="b"}`,
	`rate(requests_total[5m])`, `rate(requests_total)`, `sum(rate(requests_total[2m])) by (code)`, `irate(requests_total[5m])`,
	`increase(requests_total[10m])`, `increase(requests_total[90s])`, `delta(load[5m])`, `idelta(load[5m])`, `changes(load[10m])`, `resets(requests_total[20m])`,
	`deriv(load[10m])`, `predict_linear(load[10m], 600)`, `deriv(load)`,
	`avg_over_time(load[5m])`, `min_over_time(load[5m])`, `max_over_time(load[5m])`, `sum_over_time(load[5m])`, `count_over_time(load[5m])`,
	`last_over_time(load[5m])`, `first_over_time(load[5m])`, `stddev_over_time(load[5m])`, `stdvar_over_time(load[5m])`, `median_over_time(load[5m])`,
	`quantile_over_time(0.9, load[5m])`, `present_over_time(load[5m])`, `range_over_time(load[5m])`, `distinct_over_time(load[5m])`,
	`count_gt_over_time(load[5m], 50)`, `share_le_over_time(load[5m], 50)`, `lifetime(load[10m])`, `lag(load[10m])`, `timestamp(load)`,
	`max_over_time(rate(requests_total[2m])[10m:1m])`, `avg_over_time((load * 2)[5m:30s])`, `rate(sum(requests_total))`,
	`sum(load)`, `avg(load) by (host)`, `min(load) without (host)`, `count(load)`, `stddev(load)`, `quantile(0.5, load)`, `median(load)`,
	`topk(1, load)`, `count_values("v", up)`, `group(load) by (host)`,
	`load > 50`, `load > bool 50`, `load * 2 + 1`, `load / on(host) requests_total{code="500"}`, `-load`, `load % 7`, `load ^ 2`,
	`load and on(host) up`, `load or up`, `load unless on(host) up`, `load default 0`, `load if (up == 1)`, `sum(rate(requests_total{code="500"}[5m])) / sum(rate(requests_total[5m]))`,
	`histogram_quantile(0.95, sum(rate(seconds_bucket[5m])) by (le))`, `histogram_quantile(0.5, rate(seconds_bucket[5m]))`,
	`abs(load - 50)`, `ceil(load / 3)`, `floor(load / 3)`, `round(load, 5)`, `clamp(load, 20, 60)`, `clamp_max(load, 50)`, `sqrt(load)`, `ln(load)`,
	`label_replace(load, "where", "$1", "host", "(.*)")`, `label_join(load, "all", "-", "host", "zone")`, `label_set(load, "x", "y")`, `label_del(load, "zone")`, `label_keep(load, "host")`,
	`absent(nothing{a="b"})`, `scalar(sum(load))`, `vector(3)`, `time()`, `hour()`, `day_of_week()`, `sort_desc(load)`,
	`tlast_over_time(load[5m])`, `increase_pure(requests_total[5m])`, `ideriv(load[5m])`, `deriv_fast(load[5m])`, `scrape_interval(load[5m])`, `sum2(load)`,
	`load[5m] offset 10m`, `rate(requests_total[5m]) @ 1795170000`, `sum(requests_total @ 1795170000)`, `load ifnot up`, `rate(requests_total[5m]) keep_metric_names`, `WITH (c = {code="500"}) sum(requests_total{c})`,
	`absent_over_time(nothing{a="b"}[5m])`, `union(load, up)`, `sum(load) > 10 and sum(up) > 0`,
}

// TestAgreesWithRealServer sends the same noisy samples and queries to the
// stand-in and to the real server.
func TestAgreesWithRealServer(t *testing.T) {
	path, err := exec.LookPath("victoria-metrics")
	if err != nil {
		t.Skip("real component missing: victoria-metrics")
	}
	actual := startReal(t, path)
	mine := startMine(t)
	data := noise()
	for _, base := range []string{actual, mine} {
		post(t, base+"/api/v1/import/prometheus", data)
	}
	awaitNoise(t, actual)
	for _, q := range agreeing {
		t.Run(q, func(t *testing.T) {
			for _, path := range []string{
				fmt.Sprintf("/api/v1/query?nocache=1&time=%d&query=", agreementBase+1817),
				fmt.Sprintf("/api/v1/query_range?nocache=1&start=%d&end=%d&step=30&query=", agreementBase+600, agreementBase+2400),
				fmt.Sprintf("/api/v1/query_range?nocache=1&start=%d&end=%d&step=240&query=", agreementBase+7, agreementBase+3600),
			} {
				got, want := resultOf(t, mine+path+url.QueryEscape(q)), resultOf(t, actual+path+url.QueryEscape(q))
				if diff := compareResults(got, want); diff != "" {
					t.Errorf("%s: %s", path, diff)
				}
			}
		})
	}
}

func startReal(t *testing.T, path string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, path, "-storageDataPath="+t.TempDir(), "-httpListenAddr="+addr, "-retentionPeriod=10y")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); _ = cmd.Wait() })
	await(t, func() bool {
		_, err := fetch("http://" + addr + "/health")
		return err == nil
	})
	return "http://" + addr
}

func startMine(t *testing.T) string {
	t.Helper()
	s, err := New(Options{Dir: t.TempDir(), Now: func() time.Time { return time.Unix(agreementBase+7200, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		web.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return web.URL
}

// noise is an hour of counters with restarts, gauges with gaps and jitter, and
// a histogram, always the same.
func noise() string {
	rnd := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for i, host := range []string{"a", "b", "c"} {
		counters := map[string]float64{"200": 0, "500": 5}
		buckets := [4]float64{}
		for t := 0; t < 3600; t += 15 {
			at := int64(agreementBase+t)*1000 + rnd.Int64N(400)
			for _, code := range []string{"200", "500"} {
				counters[code] += float64(rnd.IntN(20))
				if t == 1500 && i == 1 {
					counters[code] = 1
				}
				fmt.Fprintf(&b, "requests_total{host=%q,code=%q} %v %d\n", host, code, counters[code], at)
			}
			if t < 1200 || t > 1700 || i != 2 {
				fmt.Fprintf(&b, "load{host=%q,zone=\"z\"} %v %d\n", host, float64(rnd.IntN(1000))/10, at)
			}
			if t%60 == 0 && i == 0 {
				fmt.Fprintf(&b, "up{host=%q} %d %d\n", host, rnd.IntN(2), at)
			}
			for n, le := range []string{"0.1", "0.5", "1", "+Inf"} {
				buckets[n] += float64(n+1) * float64(1+t%3)
				fmt.Fprintf(&b, "seconds_bucket{host=%q,le=%q} %v %d\n", host, le, buckets[n], at)
			}
		}
	}
	return b.String()
}

func awaitNoise(t *testing.T, base string) {
	t.Helper()
	await(t, func() bool {
		_, _ = fetch(base + "/internal/force_flush")
		body, err := fetch(base + fmt.Sprintf("/api/v1/query?nocache=1&time=%d&query=%s", agreementBase+3590, url.QueryEscape(`count({host!=""})`)))
		return err == nil && strings.Contains(body, `"22"`)
	})
}

func await(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); {
		if time.Now().After(deadline) {
			t.Fatal("the real server does not get ready")
		}
		<-time.After(50 * time.Millisecond)
	}
}

func post(t *testing.T, url, body string) {
	t.Helper()
	res, err := http.Post(url, "text/plain", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusNoContent {
		t.Fatalf("%s: %s", url, res.Status)
	}
}

func fetch(url string) (string, error) {
	res, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return string(body), err
}

// points are the values of one series by time.
type points map[string]float64

// resultOf reads the series of an answer by their labels.
func resultOf(t *testing.T, url string) map[string]points {
	t.Helper()
	body, err := fetch(url)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Status string
		Error  string
		Data   struct {
			Result []struct {
				Metric map[string]string
				Value  []any
				Values [][]any
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.Status != "success" {
		t.Fatalf("%s: %v %s", url, err, body)
	}
	all := map[string]points{}
	for _, r := range answer.Data.Result {
		one := points{}
		if r.Value != nil {
			r.Values = append(r.Values, r.Value)
		}
		for _, p := range r.Values {
			one[fmt.Sprint(p[0])], _ = strconv.ParseFloat(p[1].(string), 64)
		}
		all[fmt.Sprint(r.Metric)] = one
	}
	return all
}

// compareResults tells the first difference; sums in another order may differ
// in the last digits.
func compareResults(got, want map[string]points) string {
	var names []string
	for name := range got {
		names = append(names, name)
	}
	for name := range want {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		for at, v := range want[name] {
			if g, ok := got[name][at]; !ok || math.Abs(g-v) > 1e-9*max(1, math.Abs(v)) {
				return fmt.Sprintf("%s at %s: %v (there: %v), real %v; %d points, real %d", name, at, g, ok, v, len(got[name]), len(want[name]))
			}
		}
		if len(got[name]) != len(want[name]) {
			return fmt.Sprintf("%s: %d points, real %d", name, len(got[name]), len(want[name]))
		}
	}
	return ""
}
