package traces

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
		{"`limit=-1` is refused with 400; it ends the real server's process.", []string{
			"07-health-misc/limit_negative_kills_the_server",
		}},
		{"No web pages, none of the real server's own metrics.", []string{
			"07-health-misc/root", "07-health-misc/vmui", "07-health-misc/metrics",
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
	const file, from, to = "../../README.md", "<!-- differences of traces: written by the test -->\n", "<!-- end of differences of traces -->\n"
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
