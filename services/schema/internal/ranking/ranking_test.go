package ranking

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"http_requests_total":      "http request total http_requests_total",
		"heapUsed":                 "heap used heapused",
		"HTTPServerErrors":         "http server error httpservererrors",
		"a.b/c:d-e":                "b c d e a.b/c:d-e",
		"How many requests FAILED": "request fail",
		"stopped caches queries":   "stop cach query",
		"größe 寸":                  "größ 寸",
		"(status)":                 "status",
		"p99 = 5ms":                "p99 5ms",
		" \t?!":                    "",
		"":                         "",
	} {
		if got := strings.Join(Words(text), " "); got != want {
			t.Errorf("%q has words %q, want %q", text, got, want)
		}
	}
}

func TestSynonymsGoBothWays(t *testing.T) {
	for a, list := range synonyms {
		for _, b := range list {
			if !slices.Contains(synonyms[b], a) || a == b {
				t.Errorf("%s means %s, but not the other way round", a, b)
			}
		}
	}
	for _, group := range groups {
		for _, w := range strings.Fields(group) {
			if got := Words(w); len(got) != 1 {
				t.Errorf("synonym %q is never looked for: %q", w, got)
			}
		}
	}
}

func all(string) bool { return true }

func keys(hits []Hit[string]) string {
	var out []string
	for _, h := range hits {
		out = append(out, h.Key)
	}
	return strings.Join(out, " ")
}

func example() *Index[string] {
	x := New(cmp.Compare[string])
	x.Put("http_requests_total", Text{Name: "http_requests_total", Tags: []string{"edge"}, Other: []string{"Requests that were answered."}})
	x.Put("requests", Text{Name: "requests", Other: []string{"Asked by clients."}})
	x.Put("heapUsed", Text{Name: "heapUsed", Other: []string{"Bytes in use."}})
	x.Put("errors", Text{Name: "errors", Tags: []string{"edge"}, Other: []string{"What went wrong with http."}})
	return x
}

func TestSearch(t *testing.T) {
	x := example()
	for question, want := range map[string]string{
		"http_requests_total": "http_requests_total requests errors",
		"heap":                "heapUsed",
		"memory":              "heapUsed",
		"failures":            "errors",
		"edge":                "errors http_requests_total",
		"the of":              "",
		"nothing like it":     "",
	} {
		if got := keys(x.Search(question, 10, all)); got != want {
			t.Errorf("%q finds %q, want %q", question, got, want)
		}
	}
	if got := keys(x.Search("edge", 1, all)); got != "errors" {
		t.Errorf("limit 1 finds %q", got)
	}
	if got := keys(x.Search("edge", 1, func(k string) bool { return k != "errors" })); got != "http_requests_total" {
		t.Errorf("without errors: %q", got)
	}
}

func TestNameWeighsMoreThanText(t *testing.T) {
	x := New(cmp.Compare[string])
	x.Put("a", Text{Name: "a", Other: []string{"latency of it"}})
	x.Put("b", Text{Name: "latency", Other: []string{"word of it"}})
	x.Put("c", Text{Name: "delay", Other: []string{"word of it"}})
	if got := keys(x.Search("latency", 3, all)); !strings.HasPrefix(got, "b ") || len(strings.Fields(got)) != 3 {
		t.Errorf("found %q", got)
	}
}

// An index that went through changes must answer as one that was built at once.
func TestChangesLeaveNoTrace(t *testing.T) {
	x := example()
	for i := range 1000 {
		x.Put(fmt.Sprint("d", i%7), Text{Name: fmt.Sprint("edge ", i)})
	}
	for i := range 7 {
		x.Remove(fmt.Sprint("d", i))
	}
	x.Remove("never was")
	want := example()
	for _, question := range []string{"edge", "http requests", "heap", "memory failures"} {
		a, b := x.Search(question, 10, all), want.Search(question, 10, all)
		if fmt.Sprintf("%.6v", a) != fmt.Sprintf("%.6v", b) {
			t.Errorf("%q finds %v, want %v", question, a, b)
		}
	}
	if x.Len() != want.Len() || len(x.docs) > 200 || len(x.words) > 200 {
		t.Errorf("%d documents, %d places, %d words", x.Len(), len(x.docs), len(x.words))
	}
}

func FuzzWords(f *testing.F) {
	f.Add("http_requests_total HTTPServer größe")
	f.Add("a\xffB.C")
	f.Fuzz(func(t *testing.T, text string) {
		x := New(cmp.Compare[string])
		x.Put("d", Text{Name: text})
		words := Words(text)
		if len(words) > 0 && x.Search(text, 1, all) == nil {
			t.Errorf("%q does not find itself by %q", text, words)
		}
		for _, w := range words {
			if w == "" || silent[w] && len(split(w)) == 1 && stem(w) != w {
				t.Errorf("%q has the word %q", text, w)
			}
		}
	})
}
