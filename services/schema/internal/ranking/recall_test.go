package ranking

import (
	"cmp"
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// pair is a definition and a question that means it.
type pair struct {
	Name, Kind, Text, Question string
	Tags                       []string
	// Shared tells whether question and definition have a word in common.
	Shared bool
}

func pairs(t *testing.T) []pair {
	t.Helper()
	data, err := os.ReadFile("testdata/pairs.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []pair
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

func (p pair) text() Text { return Text{Name: p.Name, Tags: p.Tags, Other: []string{p.Text}} }

// The set is half easy and half hard, and says truly which is which.
func TestPairsAreWhatTheySay(t *testing.T) {
	shared := 0
	for _, p := range pairs(t) {
		words := weigh(p.text())
		common := slices.ContainsFunc(Words(p.Question), func(w string) bool { return words[w] > 0 })
		if common != p.Shared {
			t.Errorf("%q and %s: a common word is %t", p.Question, p.Name, common)
		}
		if p.Shared {
			shared++
		}
	}
	if n := len(pairs(t)); n != 40 || shared != 20 {
		t.Errorf("%d pairs, %d with a common word", n, shared)
	}
}

// Recall among the best five is a number to compare other rankings with. It is
// written down here so that a change of words or weights shows.
func TestRecall(t *testing.T) {
	x := New(cmp.Compare[string])
	for _, p := range pairs(t) {
		x.Put(p.Name, p.text())
	}
	easy, hard := 0, 0
	for _, p := range pairs(t) {
		found := slices.ContainsFunc(x.Search(p.Question, 5, all), func(h Hit[string]) bool { return h.Key == p.Name })
		switch {
		case found && p.Shared:
			easy++
		case found:
			hard++
		default:
			t.Logf("%q does not find %s", p.Question, p.Name)
		}
	}
	const wantEasy, wantHard = 20, 19
	if easy != wantEasy || hard != wantHard {
		t.Errorf("recall@5 is %d of 20 with a common word and %d of 20 without, want %d and %d", easy, hard, wantEasy, wantHard)
	}
}
