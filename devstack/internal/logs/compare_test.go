package logs

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/platformbuilds/mirador-core/devstack/internal/transcript"
)

// check compares an answer with the recorded one; nil means the same.
func check(e transcript.Exchange, got transcript.Reply) error {
	return e.Check(got, []string{"Content-Type", "Content-Encoding", "Access-Control-Allow-Origin"},
		func(body []byte) error { return checkBody(e, string(body)) })
}

// checkBody compares bodies as JSON values, as JSON lines or as text.
func checkBody(e transcript.Exchange, got string) error {
	want := e.Response.Body
	switch {
	case e.Response.Excerpt:
		first, _, _ := strings.Cut(want, "\n")
		return transcript.Same(strings.Contains(got, first), true)
	case strings.HasPrefix(e.Response.Headers["Content-Type"], "application/stream+json"):
		return checkLines(e, rows(got), rows(want))
	case !strings.HasPrefix(e.Response.Headers["Content-Type"], "application/json") || want == "":
		return transcript.Same(got, want)
	}
	return transcript.SameJSON([]byte(got), []byte(want), settle)
}

// rows parses lines, those that were cut left out; a name that stands twice
// keeps both values. Times of the recording's day are those of arrival.
func rows(text string) (all []string) {
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		d := json.NewDecoder(strings.NewReader(line))
		var tokens []string
		for {
			t, err := d.Token()
			if err != nil {
				break
			}
			tokens = append(tokens, fmt.Sprint(t))
		}
		if len(tokens) < 2 || tokens[len(tokens)-1] != "}" {
			continue
		}
		var pairs []string
		for i := 1; i+1 < len(tokens); i += 2 {
			pairs = append(pairs, tokens[i]+"="+arrival.ReplaceAllString(tokens[i+1], "(arrival)"))
		}
		slices.Sort(pairs)
		all = append(all, strings.Join(pairs, " "))
	}
	return all
}

var (
	arrival = regexp.MustCompile(`^2026-11-22T.*`)
	// anyRows are pipes that keep whatever comes first.
	anyRows = regexp.MustCompile(`\| (limit|head|offset|sample) \d|uniq by \([^)]*\) limit`)
	sorting = regexp.MustCompile(`\| (sort|order) by \((\w+)`)
)

func checkLines(e transcript.Exchange, got, want []string) error {
	query := e.Arg("query")
	key := sorting.FindStringSubmatch(query)
	if e.Response.CutFrom > 0 {
		return contained(want, got)
	}
	if len(got) != len(want) && !strings.Contains(query, "| sample") {
		return fmt.Errorf("%d rows, recorded %d:\n%.600s\nrecorded:\n%.600s", len(got), len(want), strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if key == nil && anyRows.MatchString(query) {
		return nil
	}
	if key != nil {
		if err := transcript.Same(keys(got, key[2]), keys(want, key[2])); err != nil {
			return fmt.Errorf("order: %w", err)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	return transcript.Same(got, want)
}

// keys are the values that rows were sorted by: rows of one value come in any order.
func keys(rows []string, name string) (all []string) {
	for _, r := range rows {
		_, value, _ := strings.Cut(" "+r, " "+name+"=")
		value, _, _ = strings.Cut(value, " ")
		all = append(all, value)
	}
	return all
}

func contained(want, got []string) error {
	for _, w := range want {
		i := slices.Index(got, w)
		if i < 0 {
			return fmt.Errorf("recorded row not found: %s", w)
		}
		got = slices.Delete(slices.Clone(got), i, i+1)
	}
	return nil
}

// settle sorts what has no order. Of facets that may be cut only the hits
// count, because which of equally frequent values are shown is not told.
func settle(object map[string]any) {
	_, facet := object["field_name"]
	for name, inner := range object {
		list, _ := inner.([]any)
		switch {
		case facet && name == "values":
			object[name] = hits(list)
		case name == "values" && len(list) > 0 && isObject(list[0]), name == "result":
			transcript.Sorted(list)
		}
	}
}

func isObject(v any) bool { _, ok := v.(map[string]any); return ok }

func hits(values []any) (all []string) {
	for _, v := range values {
		m := v.(map[string]any)
		all = append(all, fmt.Sprint(m["hits"]))
		if len(values) == 1 {
			all = append(all, fmt.Sprint(m["field_value"]))
		}
	}
	return all
}
