package ingest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const golden = "../../../../devstack/testdata/golden/"

// readBack are the recorded rows of the first tenant that no pipe has changed,
// by their message.
func readBack(t *testing.T) map[string]map[string]string {
	t.Helper()
	files, err := filepath.Glob(golden + "victorialogs/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	rows := map[string]map[string]string{}
	for _, file := range files {
		each(t, file, func(line []byte) {
			var exchange struct {
				Request struct {
					Headers map[string]string
					Query   [][]string
				}
				Response struct{ Body string }
			}
			if err := json.Unmarshal(line, &exchange); err != nil {
				t.Fatal(err)
			}
			if exchange.Request.Headers["AccountID"] == "" && !strings.Contains(fmt.Sprint(exchange.Request.Query), "|") {
				collect(rows, exchange.Response.Body)
			}
		})
	}
	return rows
}

// collect keeps rows that have all their fields.
func collect(rows map[string]map[string]string, body string) {
	for line := range strings.Lines(body) {
		var m map[string]string
		if json.Unmarshal([]byte(line), &m) == nil && len(m) > len(rows[m["_msg"]]) && m["_stream_id"] != "" {
			rows[m["_msg"]] = m
		}
	}
}

func each(t *testing.T, file string, visit func(line []byte)) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		visit(s.Bytes())
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
}

func TestFlattenIsTheServers(t *testing.T) {
	rows := readBack(t)
	compared := map[string]bool{}
	each(t, golden+"seed/logs-0-0.jsonl", func(line []byte) {
		fields, err := Flatten(line)
		if err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		got := map[string]string{}
		for _, f := range fields {
			got[f.Name] = f.Value
		}
		want := maps.Clone(rows[got["_msg"]])
		if want == nil {
			return
		}
		for _, own := range []string{"_time", "_stream", "_stream_id"} {
			delete(got, own)
			delete(want, own)
		}
		if got["n"] == want["n"] && got["trace_id"] == want["trace_id"] && got["ip"] == want["ip"] {
			compared[got["_msg"]] = true
			if !maps.Equal(got, want) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
		}
	})
	for _, want := range []string{"nested", "array", "scalars"} {
		if !compared[want] {
			t.Errorf("row %q was not read back", want)
		}
	}
}

// TestStoredEvents keeps the names under which predictions and correlations are
// looked for later.
func TestStoredEvents(t *testing.T) {
	prediction := `{"_time":"2026-11-20T10:00:00Z","_msg":"System fracture prediction for cart","level":"info",
		"type":"system_fracture_prediction","component":"cart","prediction":{"id":"p1","type":"fracture","component":"cart",
		"predicted_at":"2026-11-20T10:00:00Z","incident_time":"2026-11-20T11:00:00Z","probability":0.85,"severity":"high",
		"confidence":0.9,"tenant_id":"t","metadata":{"fracture_type":"fatigue","contributing_factors":["heap","gc"],"recommendation":"restart"}}}`
	correlation := `{"_msg":"RCA correlation completed for incident i1","level":"info","type":"rca_correlation","incident_id":"i1",
		"correlation":{"id":"c1","type":"rca","incident_id":"i1","root_cause":"db","confidence":0.7,
		"red_anchors":[{"service":"db","metric":"cpu","anomaly_score":0.9}],"timeline":[],"created_at":"2026-11-20T10:00:00Z","tenant_id":"t"}}`
	got := lines(t, Prepare([]byte("["+prediction+","+correlation+"]"), "application/json", stamp))
	for i, want := range []map[string]string{
		{"type": "system_fracture_prediction", "service": "cart", "prediction.id": "p1", "prediction.probability": "0.85",
			"prediction.metadata.fracture_type": "fatigue", "prediction.metadata.contributing_factors": `["heap","gc"]`,
			"prediction.tenant_id": "t", "event_time": "2026-11-20T10:00:00Z", "tenant_id": "shop"},
		{"type": "rca_correlation", "incident_id": "i1", "correlation.confidence": "0.7", "correlation.timeline": "[]",
			"correlation.red_anchors": `[{"service":"db","metric":"cpu","anomaly_score":0.9}]`, "_msg": "RCA correlation completed for incident i1"},
	} {
		for name, value := range want {
			if got[i][name] != value {
				t.Errorf("%s is %q, want %q", name, got[i][name], value)
			}
		}
	}
}
