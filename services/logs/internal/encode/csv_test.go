package encode

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
)

func TestGuardCell(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"text", "a=1", "a=1"},
		{"equals", "=1", "'=1"},
		{"plus", "+1", "'+1"},
		{"minus", "-1", "'-1"},
		{"at", "@x", "'@x"},
		{"tab", "\tx", "'\tx"},
		{"return", "\rx", "'\rx"},
		{"behind blanks", "  =1", "'  =1"},
		{"behind a byte order mark", "\ufeff=1", "'\ufeff=1"},
		{"behind a blank of no width", "\u200b@x", "'\u200b@x"},
		{"full width", "＝1", "'＝1"},
		{"guarded already", "'=1", "''=1"},
		{"apostrophe of a word", "'tis", "'tis"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := GuardCell(c.in)
			if got != c.want || UnguardCell(got) != c.in {
				t.Errorf("GuardCell(%q) = %q, back %q; want %q", c.in, got, UnguardCell(got), c.want)
			}
		})
	}
}

// records reads CSV by RFC 4180 and changes nothing within cells.
func records(t *testing.T, in string) [][]string {
	t.Helper()
	var all [][]string
	for in != "" {
		var record []string
		for more := true; more; {
			var cell string
			cell, in = nextCell(t, in)
			record = append(record, cell)
			in, more = strings.CutPrefix(in, ",")
		}
		rest, ended := strings.CutPrefix(in, "\r\n")
		if !ended {
			t.Fatalf("no line end before %q", in)
		}
		in, all = rest, append(all, record)
	}
	return all
}

func nextCell(t *testing.T, in string) (cell, rest string) {
	t.Helper()
	quoted, found := strings.CutPrefix(in, `"`)
	if !found {
		end := strings.IndexAny(in, ",\r\n")
		return in[:end], in[end:]
	}
	for {
		i := strings.IndexByte(quoted, '"')
		if i < 0 {
			t.Fatalf("quote never closed in %q", in)
		}
		cell, quoted = cell+quoted[:i], quoted[i+1:]
		next, double := strings.CutPrefix(quoted, `"`)
		if !double {
			return cell, quoted
		}
		cell, quoted = cell+`"`, next
	}
}

func FuzzCSV(f *testing.F) {
	f.Add("plain", "=1", "a,b\r\n\"c\"")
	f.Add("", " ", "\n")
	f.Add("'=", "\ufeff+", "''")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		// Rows are UTF-8: what is not was replaced when the row was read.
		a, b, c = strings.ToValidUTF8(a, "?"), strings.ToValidUTF8(b, "?"), strings.ToValidUTF8(c, "?")
		line, err := json.Marshal(map[string]string{"a": a, "b": b, "c": c})
		if err != nil {
			t.Fatal(err)
		}
		text := string(body(t, CSV, []string{"a", "b", "c"}, string(line)))
		got := records(t, text)
		if len(got) != 2 || len(got[1]) != 3 {
			t.Fatalf("records %q of %q", got, text)
		}
		for i, want := range []string{a, b, c} {
			if formula(got[1][i]) || UnguardCell(got[1][i]) != want {
				t.Fatalf("cell %q, want %q", got[1][i], want)
			}
		}
		standard(t, text, got)
	})
}

// standard compares with the library's reader, which makes one line end of all.
func standard(t *testing.T, text string, want [][]string) {
	t.Helper()
	got, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	for i := range want {
		for j := range want[i] {
			if ends(got[i][j]) != ends(want[i][j]) {
				t.Fatalf("library reads %q, not %q", got[i][j], want[i][j])
			}
		}
	}
}

func ends(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

func TestOneEmptyColumnIsARecord(t *testing.T) {
	got := records(t, string(body(t, CSV, []string{"a"}, `{"b":"1"}`, `{"a":"2"}`)))
	if len(got) != 3 || !slices.Equal(got[1], []string{""}) || !slices.Equal(got[2], []string{"2"}) {
		t.Errorf("%q", got)
	}
}

func BenchmarkCSV(b *testing.B) {
	var out bytes.Buffer
	e, err := New(CSV, &out, []string{"_msg", "_time", "level"})
	if err != nil {
		b.Fatal(err)
	}
	var r row.Row
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		if err := row.Parse([]byte(first), &r); err != nil {
			b.Fatal(err)
		}
		if err := e.Encode(&r); err != nil {
			b.Fatal(err)
		}
	}
}
