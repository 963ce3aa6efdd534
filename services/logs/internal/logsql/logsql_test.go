package logsql

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		name, in, text, message string
		offset                  int
	}{
		{"word", "error", "error", "", 0},
		{"empty filter", "  ", "*", "", 0},
		{"only pipes", "| limit 5", "* | limit 5", "", 0},
		{"comment", "a # b | nosuch (\n| limit 5 # c", "a | limit 5", "", 0},
		{"sign in a string", `"a | b # (" | limit 5`, `"a | b # (" | limit 5`, "", 0},
		{"mixed range", "n:range[1, 5) _time:[a,b) | limit 1", "n:range[1, 5) _time:[a,b) | limit 1", "", 0},
		{"filter without the word", `* | k8s.pod:x | "y z":v | !z`, `* | k8s.pod:x | "y z":v | !z`, "", 0},
		{"stats without the word", "* | count() | by (a) count()", "* | count() | by (a) count()", "", 0},
		{"unclosed quote", `a "b`, "", "improperly quoted string", 2},
		{"bad escape", `~"\d"`, "", "improperly quoted string", 1},
		{"unclosed parenthesis", "a (b", "", `'(' is not closed`, 2},
		{"too many", "a)", "", `unexpected ")"`, 1},
		{"wrong one", "(a]", "", `unexpected "]"`, 2},
		{"wrong brace", "{a)", "", `unexpected ")"`, 2},
		{"range closed by a brace", "_time:[a}", "", `unexpected "}"`, 8},
		{"escape by mixed brackets", "[a) or (b]", "", `unexpected ")"`, 2},
		{"unknown pipe", "* | nosuchpipe", "", `unexpected pipe "nosuchpipe"`, 4},
		{"unknown pipe in a subquery", "a:in(b | block_stats)", "", `unexpected pipe "block_stats"`, 9},
		{"two pipe signs", "* || limit 1", "", `unexpected pipe "|"`, 3},
		{"pipe at the end", "* |", "", "a pipe is missing at the end", 3},
		{"options", "Options (concurrency=1) a", "", "options(...) is not available", 0},
		{"options of a subquery", "a:in(options(x=1) b)", "", "options(...) is not available", 5},
		{"not UTF-8", "a\xff", "", "the query is not valid UTF-8", 1},
		{"second line", "a\n| bad", "", `unexpected pipe "bad"`, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Check(tt.in, Limits{})
			var e *Error
			if errors.As(err, &e) {
				if e.Message != tt.message || e.Position.Offset != tt.offset {
					t.Errorf("got %q at %d", e.Message, e.Position.Offset)
				}
				return
			}
			if tt.message != "" || strings.Join(strings.Fields(c.Text), " ") != tt.text {
				t.Errorf("got %q", c.Text)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	var e *Error
	if _, err := Check("12345", Limits{MaxBytes: 4}); !errors.As(err, &e) || !e.TooLong {
		t.Errorf("got %v", err)
	}
	if _, err := Check("1234", Limits{MaxBytes: 4}); err != nil {
		t.Error(err)
	}
	for _, q := range []string{"a | stream_context before 1", "a:in(b | Stream_Context after 2)", `"stream_context"`} {
		if _, err := Check(q, Limits{Scoped: true}); err == nil {
			t.Errorf("%s passed under a scope", q)
		}
		if _, err := Check(q, Limits{}); err != nil {
			t.Errorf("%s: %v", q, err)
		}
	}
	if _, err := Check(strings.Repeat("(", maxDepth+1), Limits{}); err == nil {
		t.Error("any depth passed")
	}
}

func TestPosition(t *testing.T) {
	_, err := Check("ä OR\nü )", Limits{})
	var e *Error
	if !errors.As(err, &e) || e.Position != (Position{Offset: 9, Line: 2, Column: 3}) {
		t.Errorf("got %+v", e)
	}
}

func TestParts(t *testing.T) {
	for _, tt := range []struct{ in, rows, notByRow, notFilter string }{
		{"a", "a", "", ""},
		{"a | filter b | where c", "a | filter b | where c", "", ""},
		{"a | fields b", "a | fields b", "", "fields"},
		{"a | extract \"<b>\" | limit 5 | fields c", `a | extract "<b>"`, "limit", "extract"},
		{"a:in(x | limit 5)", "a:in(x | limit 5)", "", ""},
		{"a # | x\n| stats count() n", "a", "stats", "stats"},
		{"| uniq by (a)", "*", "uniq", "uniq"},
		{"| fields a | first 3 by (a)", "* | fields a", "first", "fields"},
	} {
		c, err := Check(tt.in, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		p, _ := c.RowByRow()
		f, _ := c.OnlyFilters()
		if got := c.RowsPart(); got != tt.rows || p.Name != tt.notByRow || f.Name != tt.notFilter {
			t.Errorf("%q: got %q, %q, %q", tt.in, got, p.Name, f.Name)
		}
		if _, err := Check(c.RowsPart(), Limits{}); err != nil {
			t.Errorf("%q is no query: %v", c.RowsPart(), err)
		}
	}
}

func TestAnd(t *testing.T) {
	for in, want := range map[string]string{
		"a OR b":              "(a OR b) AND (x:1)",
		"a | limit 5":         "(a ) AND (x:1) | limit 5",
		"a # c":               "(a    ) AND (x:1)",
		"| limit 5":           "(*) AND (x:1) | limit 5",
		"a) OR (b":            "!*",
		`"open`:               "!*",
		"a:in(b | limit 1) c": "(a:in(b | limit 1) c) AND (x:1)",
	} {
		if got := And(in, "x:1"); got != want {
			t.Errorf("%q: got %q", in, got)
		}
	}
	if c, _ := Check("a", Limits{}); c.And("") != "a" || !c.Has() && c.Has("limit") {
		t.Error("no filter is no change")
	}
}

func TestLocate(t *testing.T) {
	asked := "(a OR x:) | limit 5"
	sent := And(asked, "env:=\"p\"")
	for _, tt := range []struct{ in, want int }{
		{strings.Index(sent, "x:") + 2, strings.Index(asked, "x:") + 2},
		{strings.Index(sent, "limit") + 5, strings.Index(asked, "limit") + 5},
		{strings.Index(sent, "env"), strings.Index(asked, "| limit")},
		{len(sent) + 99, len(asked)},
		{0, 0},
	} {
		if got := Locate(asked, sent, tt.in); got.Offset != tt.want {
			t.Errorf("%d: got %d, want %d", tt.in, got.Offset, tt.want)
		}
	}
	if got := Locate(asked, asked+" | field_names", 5); got.Offset != 5 {
		t.Errorf("got %d", got.Offset)
	}
}

func TestBetween(t *testing.T) {
	end := time.Date(2026, 11, 20, 10, 1, 20, 0, time.UTC)
	want := "_time:[2026-11-20T10:01:20Z, 2026-11-20T10:01:20.000000001Z)"
	if got := Between(end, end); got != want {
		t.Errorf("got %s", got)
	}
}

// tokens without positions.
func tokens(t testing.TB, query string) []string {
	t.Helper()
	l := lexer{in: query}
	var list []string
	for {
		tok, ok, err := l.next()
		if err != nil {
			t.Fatalf("%q: %v", query, err)
		}
		if !ok {
			return list
		}
		list = append(list, tok.text)
	}
}

// holds checks that a value is one string of the query and changes nothing else.
func holds(t testing.TB, field, value string) {
	t.Helper()
	for _, filter := range []string{Exact(field, value), Phrase(field, value)} {
		plain := tokens(t, And("a OR b | limit 5", Exact("f", "v")))
		got := tokens(t, And("a OR b | limit 5", filter))
		if filter == Phrase(field, value) {
			got = slices.Insert(got, slices.Index(got, ":")+1, "=")
		}
		if len(got) != len(plain) {
			t.Fatalf("%q changed the structure: %q", value, got)
		}
		for i := range got {
			if plain[i] != got[i] && plain[i] != `"f"` && plain[i] != `"v"` {
				t.Fatalf("%q changed %q into %q", value, plain[i], got[i])
			}
		}
		at := slices.Index(plain, `"v"`)
		if back, err := strconv.Unquote(got[at]); err != nil || back != value {
			t.Fatalf("%q came back as %q", value, back)
		}
	}
}

func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", `"`, `\`, "a\"b) OR (c", "`", "'", "\n#", "\xff", "\u2028", "| delete x", "\x00", "😀"} {
		f.Add("field", s)
		f.Add(s, "value")
	}
	f.Fuzz(func(t *testing.T, field, value string) { holds(t, field, value) })
}

func TestValuesCannotLeaveTheirQuotes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		parts := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom([]string{`"`, "`", "'", `\`, ")", "(", "|", "#", "\n", " or ", "{", "}", "]"}), rapid.String()), 0, 8)
		holds(t, strings.Join(parts.Draw(rt, "field"), ""), strings.Join(parts.Draw(rt, "value"), ""))
	})
}

// A query that passes can be narrowed, and the result passes and has the same
// pipes: nothing gets out of the brackets.
func FuzzCheck(f *testing.F) {
	for _, e := range golden(f) {
		f.Add(e.query)
	}
	f.Add("_time:[a) | limit 1")
	f.Add("range[a) or (b]")
	f.Fuzz(func(t *testing.T, query string) {
		c, err := Check(query, Limits{MaxBytes: 1 << 16})
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Position.Offset > len(query) || !e.TooLong && (e.Position.Line < 1 || e.Position.Column < 1) {
				t.Fatalf("got %#v", err)
			}
			return
		}
		again, err := Check(c.Text, Limits{})
		if err != nil || len(again.Pipes) != len(c.Pipes) {
			t.Fatalf("%q became %q: %v", query, c.Text, err)
		}
		narrowed, err := Check(c.And(`"x":="y"`), Limits{})
		if err != nil && !strings.Contains(err.Error(), "nested too deeply") {
			t.Fatalf("%q became %q: %v", query, c.And(`"x":="y"`), err)
		}
		if err == nil && len(narrowed.Pipes) != len(c.Pipes) {
			t.Fatalf("%q has other pipes than %q", c.And(`"x":="y"`), query)
		}
		if _, err := Check(c.RowsPart(), Limits{}); err != nil {
			t.Fatalf("%q of %q: %v", c.RowsPart(), query, err)
		}
	})
}

type recorded struct {
	name, query string
	status      int
}

// golden lists the queries of all recordings.
func golden(t testing.TB) []recorded {
	t.Helper()
	files, err := filepath.Glob("../../../../devstack/testdata/golden/victorialogs/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	var list []recorded
	for _, name := range files {
		list = append(list, queries(t, name)...)
	}
	return list
}

func queries(t testing.TB, name string) (list []recorded) {
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewReader(f)
	for {
		line, end := lines.ReadBytes('\n')
		if len(line) > 1 {
			var e struct {
				Name     string
				Request  struct{ Query [][2]string }
				Response struct{ Status int }
			}
			if err := json.Unmarshal(line, &e); err != nil {
				t.Fatal(err)
			}
			for _, pair := range e.Request.Query {
				if pair[0] == "query" {
					list = append(list, recorded{e.Name, pair[1], e.Response.Status})
				}
			}
		}
		if end != nil {
			return list
		}
	}
}

// onPurpose lists recorded queries that the server takes and the guard refuses.
var onPurpose = map[string]string{
	"options":                  "options(...) lifts limits",
	"unknown_pipe":             "the server looks for the word and finds nothing, without a word",
	"blocks_count":             "shows how the server stores",
	"block_stats":              "shows how the server stores",
	"unknown_here_split":       "the recorded server does not know the pipe",
	"unknown_here_time_add":    "the recorded server does not know the pipe",
	"unknown_here_query_stats": "the recorded server does not know the pipe",
	"unknown_here_set_stream":  "the recorded server does not know the pipe",
}

func TestRecordedQueriesPass(t *testing.T) {
	passed, refused := 0, map[string]bool{}
	for _, e := range golden(t) {
		_, err := Check(e.query, Limits{MaxBytes: 16 << 10})
		switch {
		case e.status != 200:
		case err == nil:
			passed++
		case onPurpose[e.name] == "":
			t.Errorf("%s: %q is refused: %v", e.name, e.query, err)
		default:
			refused[e.name] = true
		}
	}
	if passed < 300 || len(refused) != len(onPurpose) {
		t.Errorf("%d passed, refused %v", passed, refused)
	}
}
