package splice

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// BenchmarkScan compares kinds of answers, and the scan with a check by
// encoding/json, in one run.
func BenchmarkScan(b *testing.B) {
	answers := []struct{ name, body string }{
		{"heavy-8.8MB", matrix(2000, 181)},
		{"range100", matrix(100, 61)},
		{"instant", matrix(10, 1)},
		{"vector", vector(20_000)},
		{"series", listing(5000)},
		{"names", `{"status":"success","data":[` + strings.Repeat(`"http_requests_total",`, 20_000) + `""]}`},
	}
	for _, a := range answers {
		b.Run(a.name, func(b *testing.B) { benchScan(b, []byte(a.body)) })
	}
	b.Run("encoding-json-valid", func(b *testing.B) {
		body := []byte(answers[0].body)
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			if !json.Valid(body) {
				b.Fatal("not valid")
			}
		}
	})
}

func benchScan(b *testing.B, body []byte) {
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	s := New(Limits{})
	for b.Loop() {
		s.Reset(Limits{})
		for at := 0; at < len(body); at += 128 << 10 {
			if _, err := s.Feed(body[at:min(at+128<<10, len(body))]); err != nil {
				b.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func vector(n int) string {
	var series []string
	for i := range n {
		series = append(series, fmt.Sprintf(`{"metric":{"__name__":"up","job":"shop-%d","code":"200"},"value":[1795170600,"%d"]}`, i%100, i))
	}
	return `{"status":"success","data":{"resultType":"vector","result":[` + strings.Join(series, ",") + `]}}`
}

func listing(n int) string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf(`{"__name__":"metric_%d_total","job":"shop","instance":"10.0.0.%d:9090"}`, i, i%250))
	}
	return `{"status":"success","data":[` + strings.Join(names, ",") + `]}`
}
