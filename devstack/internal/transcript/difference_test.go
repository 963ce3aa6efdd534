package transcript

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var some = Differences{
	{Reason: "One.", Exchanges: []string{"a/1/y", "a/1/x", "b/1/x"}},
	{Reason: "Two.", Exchanges: []string{"a/2/z"}},
}

func TestJudge(t *testing.T) {
	for _, id := range []string{"a/1/x", "a/2/z"} {
		if err := some.Judge(id, io.EOF); err != nil {
			t.Errorf("stated difference %s: %v", id, err)
		}
		if err := some.Judge(id, nil); err == nil || !strings.Contains(err.Error(), "take it off") {
			t.Errorf("stated difference %s passes: %v", id, err)
		}
	}
	if some.Judge("a/3/x", io.EOF) == nil || some.Judge("a/3/x", nil) != nil || Differences(nil).Judge("a/1/x", io.EOF) == nil {
		t.Error("exchanges off the list are judged by their faults")
	}
}

func TestConform(t *testing.T) {
	all := []Exchange{{File: "a/1", Name: "x"}, {File: "a/3", Name: "x"}, {File: "a/2", Name: "z"}}
	var asked []string
	passed := Conform(t, all, some, func(_ context.Context, e Exchange) error {
		asked = append(asked, e.ID())
		if e.File == "a/3" {
			return nil
		}
		return io.EOF
	})
	if passed != 1 || !slices.Equal(asked, []string{"a/1/x", "a/3/x", "a/2/z"}) {
		t.Errorf("%d of %v pass", passed, asked)
	}
}

func TestUnknown(t *testing.T) {
	recorded := []Exchange{{File: "a/1", Name: "x"}, {File: "b/1", Name: "x"}, {File: "c", Name: "d"}}
	if got := some.unknown(recorded); !slices.Equal(got, []string{"a/1/y", "a/2/z"}) {
		t.Errorf("unknown: %v", got)
	}
}

// TestREADME writes a table once and then finds it.
func TestREADME(t *testing.T) {
	const begin, end = "<!-- differences: written by the test -->\n", "<!-- end of differences -->\n"
	const table = "| what is answered otherwise | exchanges |\n| --- | --- |\n| One. | `x` `y` |\n| Two. | `z` |\n"
	file := filepath.Join(t.TempDir(), "README.md")
	if err := os.WriteFile(file, []byte("head\n"+begin+"old\n"+end+"tail\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := some.checkFile(file, "differences", false); err == nil || !strings.Contains(err.Error(), "is old") {
		t.Errorf("old table: %v", err)
	}
	if err := some.checkFile(file, "differences", true); err != nil {
		t.Error(err)
	}
	if err := some.checkFile(file, "differences", false); err != nil {
		t.Errorf("table just written: %v", err)
	}
	if have, _ := os.ReadFile(file); string(have) != "head\n"+begin+table+end+"tail\n" {
		t.Errorf("written:\n%s", have)
	}
	if err := some.checkFile(file, "another mark", true); err == nil {
		t.Error("a place was found that is not there")
	}
}
