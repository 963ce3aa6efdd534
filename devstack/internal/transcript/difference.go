package transcript

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Difference is one reason for which a stand-in answers recorded exchanges
// otherwise, with the ids of those exchanges.
type Difference struct {
	Reason    string
	Exchanges []string
}

// Differences are all of a stand-in; nil is what a real server has.
type Differences []Difference

// Judge is the error of an exchange that fails and is no stated difference, or
// that is one and passes; fault is nil for an exchange that passed.
func (d Differences) Judge(id string, fault error) error {
	at := slices.IndexFunc(d, func(one Difference) bool { return slices.Contains(one.Exchanges, id) })
	switch {
	case at < 0:
		return fault
	case fault == nil:
		return fmt.Errorf("this exchange passes: take it off the list of differences (%s)", d[at].Reason)
	}
	return nil
}

// Check fails the test for ids that are not among the recorded exchanges and
// when the table in the module's README is not that of the list. The table
// stands there after "<!-- mark: written by the test -->" and before
// "<!-- end of mark -->"; UPDATE_README=1 writes it.
func (d Differences) Check(t testing.TB, mark string, recorded []Exchange) {
	t.Helper()
	if unknown := d.unknown(recorded); len(unknown) > 0 {
		t.Errorf("not recorded: %v", unknown)
	}
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.checkFile(filepath.Join(root, "README.md"), mark, os.Getenv("UPDATE_README") != ""); err != nil {
		t.Error(err)
	}
}

func (d Differences) unknown(recorded []Exchange) (ids []string) {
	known := map[string]bool{}
	for _, e := range recorded {
		known[e.ID()] = true
	}
	for _, one := range d {
		ids = append(ids, slices.DeleteFunc(slices.Clone(one.Exchanges), func(id string) bool { return known[id] })...)
	}
	return ids
}

func (d Differences) checkFile(file, mark string, write bool) error {
	have, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	want, err := d.within(string(have), mark)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", file, err)
	case want == string(have):
		return nil
	case !write:
		return fmt.Errorf("the table of %s in %s is old: run this test with UPDATE_README=1", mark, file)
	}
	return os.WriteFile(file, []byte(want), 0o644)
}

// within is the text with the table in its place.
func (d Differences) within(text, mark string) (string, error) {
	from, to := "<!-- "+mark+": written by the test -->\n", "<!-- end of "+mark+" -->\n"
	head, rest, ok := strings.Cut(text, from)
	_, tail, closed := strings.Cut(rest, to)
	if !ok || !closed {
		return "", fmt.Errorf("no place for the table of %s", mark)
	}
	return head + from + d.table() + to + tail, nil
}

// table has a row for each reason, with names that stand in several folders
// once.
func (d Differences) table() string {
	var b strings.Builder
	b.WriteString("| what is answered otherwise | exchanges |\n| --- | --- |\n")
	for _, one := range d {
		names := make([]string, len(one.Exchanges))
		for i, id := range one.Exchanges {
			names[i] = "`" + id[strings.LastIndex(id, "/")+1:] + "`"
		}
		slices.Sort(names)
		fmt.Fprintf(&b, "| %s | %s |\n", one.Reason, strings.Join(slices.Compact(names), " "))
	}
	return b.String()
}
