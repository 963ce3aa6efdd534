package splice

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scan feeds the answer in pieces.
func scan(answer string, piece int) (data string, count int, err error) {
	var s Scanner
	var out strings.Builder
	for p := []byte(answer); len(p) > 0; {
		n := min(piece, len(p))
		part, err := s.Feed(p[:n])
		if err != nil {
			return "", 0, err
		}
		out.Write(part)
		p = p[n:]
	}
	return out.String(), s.Count(), s.Close()
}

func TestScanner(t *testing.T) {
	for answer, want := range map[string]struct {
		data  string
		count int
	}{
		`{"data":[]}`: {"", 0},
		`{"data":[ ] ,"errors": null,"limit": 0,"offset": 0,"total":1}`: {" ", 0},
		`{"data":null,"errors":[{"code":404}]}`:                         {"", 0},
		`{"total":1,"data":[{"a":[1,2,{"data":[3]}]}],"errors":null}`:   {`{"a":[1,2,{"data":[3]}]}`, 1},
		`{"x":"data","y":"a\"],\\","data":[{"s":"}]\"\\"},2]}`:          {`{"s":"}]\"\\"},2`, 2},
		`[{"a":1}, {"b":[]},3]`:                                         {`{"a":1}, {"b":[]},3`, 3},
		` [] `:                                                          {"", 0},
		`{"dataset":[1],"data":["a,b"]}`:                                {`"a,b"`, 1},
		`{"da":{"data":[1]},"data":[2]} `:                               {`2`, 1},
	} {
		for piece := 1; piece < 20; piece++ {
			data, count, err := scan(answer, piece)
			if err != nil || data != want.data || count != want.count {
				t.Errorf("%s by %d: got %q, %d, %v", answer, piece, data, count, err)
			}
		}
	}
}

func TestScannerRefuses(t *testing.T) {
	for _, answer := range []string{
		``, `{`, `[`, `{}`, `null`, `"data"`, `{"data":[}`, `{"data":[1]`, `{"data":["]}`, `{"data":{}}`, `{"data":"x"}`, `{"data":1}`,
		`{"data":[]}]`, `{"data":[]}{}`, `{"data":[],"data":[]}`, `{"total":1}`, `{"data":[{]}]}`, `<html>`, `[1]]`, `{"data":[1],`,
		strings.Repeat("[", 300) + strings.Repeat("]", 300), `{"data":null`,
	} {
		for _, piece := range []int{1, 3, 1000} {
			if _, _, err := scan(answer, piece); !errors.Is(err, ErrBroken) {
				t.Errorf("%.40s by %d: got %v", answer, piece, err)
			}
		}
	}
}

// TestWhateverJSON holds that data comes out as it was, in whatever pieces.
func TestWhateverJSON(t *testing.T) {
	value := rapid.Custom(func(t *rapid.T) any {
		return rapid.SampledFrom([]any{nil, true, 1.5, "x\"}],", map[string]any{"data": []any{1.0, "]"}}, []any{}, []any{"a", "b"}}).Draw(t, "value")
	})
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(value, 0, 5).Draw(t, "list")
		raw, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		before, _ := json.Marshal(value.Draw(t, "before"))
		answer := `{"a":` + string(before) + `,"data":` + string(raw) + `,"z":` + string(before) + `}`
		data, count, err := scan(answer, rapid.IntRange(1, len(answer)).Draw(t, "piece"))
		if err != nil || "["+data+"]" != string(raw) || count != len(list) {
			t.Fatalf("%s: got %s, %d, %v", answer, data, count, err)
		}
	})
}

func FuzzScanner(f *testing.F) {
	f.Add([]byte(`{"data":[{"a":"b"}],"total":1}`), 3)
	f.Fuzz(func(t *testing.T, answer []byte, piece int) {
		data, count, err := scan(string(answer), 1+max(0, piece)%64)
		whole, all, err2 := scan(string(answer), len(answer)+1)
		if data != whole || count != all || (err == nil) != (err2 == nil) {
			t.Errorf("%q: the pieces matter", answer)
		}
		var shape struct{ Data []json.RawMessage }
		if err == nil && bytes.HasPrefix(answer, []byte("{")) && strictly(answer, &shape) && len(shape.Data) != count {
			t.Errorf("%q has %d elements, counted %d", answer, len(shape.Data), count)
		}
	})
}

// strictly decodes answers whose names need no folding of case or escapes.
func strictly(answer []byte, into any) bool {
	lower := bytes.ToLower(answer)
	return bytes.Count(lower, []byte(`data"`)) == 1 && bytes.Contains(answer, []byte(`"data"`)) &&
		!bytes.Contains(answer, []byte(`\`)) && json.Unmarshal(answer, into) == nil
}
