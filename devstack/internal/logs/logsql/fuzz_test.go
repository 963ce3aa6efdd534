package logsql

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// goldenQueries are all queries of the recordings.
func goldenQueries(t testing.TB) (all []string) {
	t.Helper()
	files, err := filepath.Glob("../../../testdata/golden/victoria{logs,traces}/*.jsonl")
	more, _ := filepath.Glob("../../../testdata/golden/victorialogs/*.jsonl")
	if files = append(files, more...); err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
			var e struct{ Request struct{ Query [][2]string } }
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatal(err)
			}
			for _, kv := range e.Request.Query {
				if kv[0] == "query" || kv[0] == "extra_filters" {
					all = append(all, kv[1])
				}
			}
		}
	}
	return all
}

// FuzzParse wants no panic, an error with the query in it, and of what parses
// an answer to a few rows within a second.
func FuzzParse(f *testing.F) {
	for _, q := range goldenQueries(f) {
		f.Add(q)
	}
	source := shelf(f)
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Parse(text, noon.UnixNano())
		if err != nil {
			if !strings.HasPrefix(err.Error(), "cannot parse query ["+text+"]: ") {
				t.Errorf("error %q", err)
			}
			return
		}
		_ = q.String()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		n := 0
		err = q.Run(ctx, source, func(r *Record) bool {
			if !json.Valid(AppendJSON(nil, r)) {
				t.Errorf("no JSON: %s", AppendJSON(nil, r))
			}
			n++
			return n < 10_000
		})
		if ctx.Err() != nil {
			t.Errorf("takes too long: %v", err)
		}
	})
}
