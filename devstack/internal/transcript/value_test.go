package transcript

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDecode(t *testing.T) {
	for body, want := range map[string]any{
		`"a"`: "a", `1.0`: json.Number("1.0"), `null`: nil, " true\n": true,
		`a`: Text("a"), ``: Text(""), `{} {}`: Text("{} {}"), `{}x`: Text("{}x"), `{`: Text("{"),
	} {
		if got := Decode([]byte(body)); got != want {
			t.Errorf("%q is %T %v, want %T %v", body, got, got, want, want)
		}
	}
}

func TestLines(t *testing.T) {
	got := encoded(Lines([]byte("\n{\"b\":1}\nnone\n{\"a\":2}\n")))
	if want := `["none",{"a":2},{"b":1}]`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestSameShowsThePlace(t *testing.T) {
	if err := Same([]int{1}, []int{1}); err != nil {
		t.Error(err)
	}
	err := Same(map[string]int{"a": 1, "b": 2}, map[string]int{"a": 1, "b": 3})
	if err == nil || !strings.Contains(err.Error(), "differs at 11") || !strings.Contains(err.Error(), `recorded: ...{"a":1,"b":3}`) {
		t.Errorf("%v", err)
	}
	if Same("1", Text("1")) == nil {
		t.Error("a JSON text is not a text that is no JSON")
	}
}

// settle ignores one name and sorts the lists of another.
func settle(object map[string]any) {
	delete(object, "time")
	if list, ok := object["list"].([]any); ok {
		Sorted(list)
	}
}

// TestSameJSON: bodies are the same whatever is ignored and in whatever order
// what has none, at any depth, and differ for any other change.
func TestSameJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := func(list []string, seconds int, more string) []byte {
			inner := map[string]any{"list": list, "time": seconds, "more": more}
			b, err := json.Marshal(map[string]any{"list": []any{inner}, "kept": []any{inner, "x"}})
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		list := rapid.SliceOf(rapid.String()).Draw(t, "list")
		moved := slices.Clone(list)
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		rnd.Shuffle(len(moved), func(i, j int) { moved[i], moved[j] = moved[j], moved[i] })
		if err := SameJSON(body(list, 1, "a"), body(moved, 2, "a"), settle); err != nil {
			t.Error(err)
		}
		if SameJSON(body(list, 1, "a"), body(list, 1, "b"), settle) == nil || SameJSON(body(list, 1, "a"), body(append(moved, "more"), 1, "a"), settle) == nil {
			t.Error("other bodies are called the same")
		}
	})
}
