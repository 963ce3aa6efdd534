package metrics

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// BenchmarkAnswers measures what the stand-in costs as the back end of make bench.
func BenchmarkAnswers(b *testing.B) {
	s, err := New(Options{Dir: b.TempDir(), Now: func() time.Time { return time.Unix(agreementBase+7200, 0) }})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	web := httptest.NewServer(s.Handler())
	defer web.Close()
	fillBench(b, web.URL)
	client := &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 4}}
	defer client.CloseIdleConnections()
	for name, path := range map[string]string{
		"instant":     fmt.Sprintf("/api/v1/query?time=%d&query=%s", agreementBase+3600, url.QueryEscape(`sum(rate(bench_total{shard="1"}[5m]))`)),
		"range100":    fmt.Sprintf("/api/v1/query_range?start=%d&end=%d&step=60&query=%s", agreementBase, agreementBase+3600, url.QueryEscape(`bench_total{shard="1"}`)),
		"rate100":     fmt.Sprintf("/api/v1/query_range?start=%d&end=%d&step=60&query=%s", agreementBase, agreementBase+3600, url.QueryEscape(`rate(bench_total{shard="1"}[5m])`)),
		"sumrate2000": fmt.Sprintf("/api/v1/query_range?start=%d&end=%d&step=20&query=%s", agreementBase, agreementBase+3600, url.QueryEscape(`sum(rate(bench_total[5m])) by (shard)`)),
		"range2000":   fmt.Sprintf("/api/v1/query_range?start=%d&end=%d&step=20&query=bench_total", agreementBase, agreementBase+3600),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				res, err := client.Get(web.URL + path)
				if err != nil {
					b.Fatal(err)
				}
				n, _ := io.Copy(io.Discard, res.Body)
				res.Body.Close()
				b.SetBytes(n)
			}
		})
	}
}

// fillBench writes 2000 counters of an hour, a sample every 20 seconds.
func fillBench(b *testing.B, base string) {
	for t := 0; t <= 3600; t += 20 {
		var text strings.Builder
		for i := range 2000 {
			fmt.Fprintf(&text, "bench_total{shard=\"%d\",instance=\"node-%d:9100\",service=\"checkout\"} %d %d000\n", i%20, i, t*(i+1), agreementBase+t)
		}
		res, err := http.Post(base+"/api/v1/import/prometheus", "text/plain", strings.NewReader(text.String()))
		if err != nil {
			b.Fatal(err)
		}
		res.Body.Close()
	}
}
