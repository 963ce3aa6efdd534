package logsql

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/transcript"
)

// goldenQueries are all queries of the recordings.
func goldenQueries(t testing.TB) (all []string) {
	t.Helper()
	for _, e := range append(transcript.Read(t, "victorialogs"), transcript.Read(t, "victoriatraces")...) {
		for _, kv := range e.Request.Query {
			if kv[0] == "query" || kv[0] == "extra_filters" {
				all = append(all, kv[1])
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
