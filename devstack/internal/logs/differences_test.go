package logs

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// difference is one reason for which the stand-in answers recorded exchanges
// otherwise, with those exchanges.
type difference struct {
	reason    string
	exchanges []string
}

// differences is the whole list: TestConformance fails when an exchange
// outside of it does not pass, and when one of it does.
func differences() []difference {
	return []difference{
		{"Rows are not kept in blocks of columns: nothing tells of their types and sizes.", []string{
			"03-logsql-filters/value_type", "04-pipes/block_stats",
		}},
		{"Rows of one time come in order of arrival, equally frequent values in order of the alphabet; the real server has no order for them, so a limit keeps others.", []string{
			"04-pipes/limit", "04-pipes/head", "04-pipes/stats_values", "04-pipes/facets_pipe",
			"05-fields-streams-hits-facets/field_values_limit", "05-fields-streams-hits-facets/streams_limit",
			"06-stats-query/stats_query_sort_limit", "06-stats-query/range_sorted",
		}},
		{"A field with more values than `max_values_per_field` is left out; the real server counts by worker and shows what single workers saw.", []string{
			"05-fields-streams-hits-facets/facets_max_values_per_field",
		}},
		{"The JSON library words a decoding error in its own way.", []string{"01-insert/loki_bad_json"}},
		{"No web pages, no flags, none of the real server's own metrics.", []string{
			"11-health-misc/root", "11-health-misc/vmui", "11-health-misc/metrics", "11-health-misc/flags",
		}},
	}
}

func differencesByID() map[string]string {
	all := map[string]string{}
	for _, d := range differences() {
		for _, id := range d.exchanges {
			all[id] = d.reason
		}
	}
	return all
}

// TestDifferencesAreRecorded finds names that no transcript has.
func TestDifferencesAreRecorded(t *testing.T) {
	known := differencesByID()
	for _, e := range readTranscripts(t) {
		delete(known, e.id())
	}
	if len(known) > 0 {
		t.Errorf("not recorded: %v", slices.Collect(maps.Keys(known)))
	}
}

// TestREADMEListsDifferences keeps the table in the README equal to the list;
// UPDATE_README=1 writes it.
func TestREADMEListsDifferences(t *testing.T) {
	const file, from, to = "../../README.md", "<!-- differences of logs: written by the test -->\n", "<!-- end of differences of logs -->\n"
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(have), from)
	_, tail, closed := strings.Cut(rest, to)
	if !ok || !closed {
		t.Fatalf("%s has no place for the table", file)
	}
	want := head + from + table() + to + tail
	if want == string(have) {
		return
	}
	if os.Getenv("UPDATE_README") == "" {
		t.Fatalf("the table in %s is old: run this test with UPDATE_README=1", file)
	}
	if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

func table() string {
	var b strings.Builder
	b.WriteString("| what is answered otherwise | exchanges |\n| --- | --- |\n")
	for _, d := range differences() {
		names := make([]string, len(d.exchanges))
		for i, id := range d.exchanges {
			names[i] = "`" + id[strings.LastIndex(id, "/")+1:] + "`"
		}
		slices.Sort(names)
		fmt.Fprintf(&b, "| %s | %s |\n", d.reason, strings.Join(names, " "))
	}
	return b.String()
}
