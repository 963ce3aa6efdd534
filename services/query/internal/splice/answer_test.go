package splice

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// scan feeds the answer in pieces of the given sizes, over and over, and
// returns the data.
func scan(s *Scanner, answer string, sizes ...int) (string, error) {
	var data strings.Builder
	for turn := 0; answer != ""; turn++ {
		n := len(answer)
		if len(sizes) > 0 {
			n = min(n, max(1, sizes[turn%len(sizes)]))
		}
		part, err := s.Feed([]byte(answer[:n]))
		if err != nil {
			return data.String(), err
		}
		data.Write(part)
		answer = answer[n:]
	}
	return data.String(), s.Close()
}

// truth is what encoding/json makes of an answer.
type truth struct {
	Status     string
	Data       json.RawMessage
	ResultType string
	Series     int
	Points     int
	Elements   int
}

// decodeTruth counts the slow way; it fails on what is not an answer.
func decodeTruth(t testing.TB, answer string) truth {
	t.Helper()
	var top struct {
		Status string          `json:"status"`
		Data   json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal([]byte(answer), &top); err != nil {
		t.Fatalf("test data is not JSON: %v", err)
	}
	want := truth{Status: top.Status, Data: top.Data}
	var list []json.RawMessage
	if json.Unmarshal(top.Data, &list) == nil {
		want.Elements = len(list)
		return want
	}
	members := map[string]json.RawMessage{}
	if json.Unmarshal(top.Data, &members) != nil {
		return want
	}
	want.Elements = len(members)
	_ = json.Unmarshal(members["resultType"], &want.ResultType)
	want.Series, want.Points = countResult(members["result"])
	if want.ResultType == "scalar" || want.ResultType == "string" {
		want.Series, want.Points = 1, 1
	}
	return want
}

func countResult(raw json.RawMessage) (series, points int) {
	var result []map[string]json.RawMessage
	if json.Unmarshal(raw, &result) != nil {
		return 0, 0
	}
	for _, s := range result {
		for _, key := range []string{"values", "histograms"} {
			var values []json.RawMessage
			_ = json.Unmarshal(s[key], &values)
			points += len(values)
		}
		for _, key := range []string{"value", "histogram"} {
			if s[key] != nil {
				points++
			}
		}
	}
	return len(result), points
}

// golden returns the bodies of recorded answers in Prometheus' shape, by name.
func golden(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../../../devstack/testdata/golden/victoriametrics*/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden transcripts: %v", err)
	}
	bodies := map[string]string{}
	for _, file := range files {
		readGolden(t, file, bodies)
	}
	return bodies
}

func readGolden(t testing.TB, file string, into map[string]string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var exchange struct {
			Name     string
			Response struct {
				Body      string
				Truncated int `json:"body_truncated_from_chars"`
				Excerpt   any `json:"body_excerpt"`
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &exchange); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		body := exchange.Response.Body
		if strings.HasPrefix(body, `{"status"`) && exchange.Response.Truncated == 0 && json.Valid([]byte(body)) {
			into[filepath.Base(filepath.Dir(file))+"/"+exchange.Name] = body
		}
	}
}

// matrix builds an answer as a back end would.
func matrix(series, points int) string {
	var b strings.Builder
	b.WriteString(`{"status":"success","isPartial":false,"data":{"resultType":"matrix","result":[`)
	for s := range series {
		if s > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"metric":{"__name__":"http_requests_total","service":"shop-%d","code":"200","instance":"10.0.0.%d:8080"},"values":[`, s%12, s%250)
		for p := range points {
			if p > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `[%d,"%v"]`, 1795168800+15*p, float64((s*7919+p*104729)%100000)/7)
		}
		b.WriteString(`]}`)
	}
	b.WriteString(`]},"stats":{"seriesFetched": "7","executionTimeMsec":12}}`)
	return b.String()
}
