package transcript

import (
	"bytes"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestQuery(t *testing.T) {
	for want, r := range map[string]Request{
		"":                 {},
		"?a=1&b=x+%26y&a=": {Query: [][2]string{{"a", "1"}, {"b", "x &y"}, {"a", ""}}},
		"?a=%zz":           {Query: [][2]string{{"a", "1"}}, RawQuery: "a=%zz"},
	} {
		if got := (Exchange{Request: r}).Query(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	e := Exchange{Request: Request{Query: [][2]string{{"a", "1"}, {"a", "2"}}}}
	if e.Arg("a") != "1" || e.Arg("b") != "" {
		t.Errorf("arguments %q and %q", e.Arg("a"), e.Arg("b"))
	}
}

func TestBody(t *testing.T) {
	seed := string(Seed(t, "logs-1-0.jsonl"))
	for want, r := range map[string]Request{
		"":            {},
		"text":        {Body: "text"},
		"\x00\xff":    {Base64: "AP8="},
		seed:          {BodyFile: "seed/logs-1-0.jsonl"},
		"abyyyyyyyyz": {Body: "ab ... z", CutFrom: 11},
		"abz":         {Body: "ab ... z", CutFrom: 1},
	} {
		if got, err := (Exchange{Request: r}).Body(); err != nil || string(got) != want {
			t.Errorf("%.80q, %v, want %.80q", got, err, want)
		}
	}
	for _, r := range []Request{{BodyFile: "seed/none"}, {Base64: "?"}} {
		if body, err := (Exchange{Request: r}).Body(); err == nil {
			t.Errorf("%v gives %q", r, body)
		}
	}
}

// TestRead counts the exchanges of every folder and looks at one stream.
func TestRead(t *testing.T) {
	for folder, want := range map[string]int{"victoriametrics": 256, "victoriametrics-cluster": 368, "victorialogs": 505, "victoriatraces": 149} {
		ids := map[string]bool{}
		for _, e := range Read(t, folder) {
			ids[e.ID()] = true
			if !strings.HasPrefix(e.ID(), folder+"/") || e.Request.Method == "" || e.Request.Path == "" {
				t.Errorf("%s: %+v", e.ID(), e.Request)
			}
			if e.ID() == "victorialogs/10-tail/tail_live" && (len(e.Response.Chunks) == 0 || e.Response.Chunks[0].AfterMS == 0 || e.Response.Chunks[0].Text == "") {
				t.Errorf("%s: chunks %v", e.ID(), e.Response.Chunks)
			}
		}
		if len(ids) != want {
			t.Errorf("%s: %d exchanges, want %d", folder, len(ids), want)
		}
	}
}

// FuzzParse wants as many exchanges as lines, of this file, or an error.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"name":"a","file":"b","request":{"query":[["a","1"]]},"response":{"chunks_ms_text":[[1.5,"x"]]}}` + "\n"))
	f.Add([]byte("{}\n{}"))
	f.Add([]byte(`{"response":{"chunks_ms_text":[["x"],{}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := parse("some/file", text)
		if lines := bytes.Count(append(bytes.TrimSuffix(text, []byte("\n")), '\n'), []byte("\n")); err == nil && len(text) > 0 && len(all) != lines {
			t.Errorf("%d exchanges of %d lines", len(all), lines)
		}
		for _, e := range all {
			if e.File != "some/file" {
				t.Errorf("file %q", e.File)
			}
		}
	})
}
