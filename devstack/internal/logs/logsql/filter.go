package logsql

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// filter says whether a record matches.
type filter interface{ match(r *Record) bool }

type (
	allFilter struct{}
	notFilter struct{ of filter }
	andFilter struct{ of []filter }
	orFilter  struct{ of []filter }
	// valueFilter looks at the value of one field.
	valueFilter struct {
		field string
		test  func(value string) bool
	}
	// fieldFilter looks at two fields of one row.
	fieldFilter struct {
		field, other string
		test         func(a, b string) bool
	}
	// timeFilter is a range of unix nanoseconds, both ends included.
	timeFilter struct{ start, end int64 }
	// clockFilter is a part of each day or week.
	clockFilter struct{ in func(ns int64) bool }
	// streamFilter is a selector of streams.
	streamFilter struct{ selector selector }
	// inFilter is a set of values, given or asked for with a query.
	inFilter struct {
		field  string
		kind   func(values []string) func(string) bool
		values []string
		query  *Query
		test   func(string) bool
	}
)

func (allFilter) match(*Record) bool { return true }

func (f notFilter) match(r *Record) bool { return !f.of.match(r) }

func (f andFilter) match(r *Record) bool {
	for _, x := range f.of {
		if !x.match(r) {
			return false
		}
	}
	return true
}

func (f orFilter) match(r *Record) bool {
	return slices.ContainsFunc(f.of, func(x filter) bool { return x.match(r) })
}

func (f valueFilter) match(r *Record) bool { return f.test(r.Get(f.field)) }

func (f fieldFilter) match(r *Record) bool { return f.test(r.Get(f.field), r.Get(f.other)) }

func (f timeFilter) match(r *Record) bool {
	t, ok := r.Time()
	return ok && t >= f.start && t <= f.end
}

func (f clockFilter) match(r *Record) bool {
	t, ok := r.Time()
	return ok && f.in(t)
}

func (f streamFilter) match(r *Record) bool { return r.stream != nil && f.selector.match(r.stream) }

func (f *inFilter) match(r *Record) bool { return f.test(r.Get(f.field)) }

// hasPhrase finds whole words: what the phrase begins and ends with must not
// go on in the value. The empty phrase is found in the empty value only.
func hasPhrase(value, phrase string) bool {
	if phrase == "" {
		return value == ""
	}
	last, _ := utf8.DecodeLastRuneInString(phrase)
	return eachStart(value, phrase, func(rest string) bool {
		next, _ := utf8.DecodeRuneInString(rest)
		return rest == "" || !isWordRune(last) || !isWordRune(next)
	})
}

// hasPrefix finds words that begin so; any value but the empty one has "".
func hasPrefix(value, prefix string) bool {
	if prefix == "" {
		return value != ""
	}
	return eachStart(value, prefix, func(string) bool { return true })
}

// eachStart tries every place of part that does not go on a word before it.
func eachStart(value, part string, ok func(rest string) bool) bool {
	first, n := utf8.DecodeRuneInString(part)
	for at := 0; ; at += n {
		i := strings.Index(value[at:], part)
		if i < 0 {
			return false
		}
		at += i
		before, _ := utf8.DecodeLastRuneInString(value[:at])
		if (at == 0 || !isWordRune(first) || !isWordRune(before)) && ok(value[at+len(part):]) {
			return true
		}
	}
}

// hasSequence finds phrases one after the other.
func hasSequence(value string, phrases []string) bool {
	for _, p := range phrases {
		found := false
		for at := 0; !found && at <= len(value); at++ {
			i := strings.Index(value[at:], p)
			if i < 0 {
				return false
			}
			at += i
			if hasPhrase(value[lastWordEnd(value, at):min(len(value), at+len(p)+utf8.UTFMax)], p) {
				value, found = value[at+len(p):], true
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// lastWordEnd is where the rune before at begins.
func lastWordEnd(value string, at int) int {
	_, n := utf8.DecodeLastRuneInString(value[:at])
	return at - n
}

func oneOf(values []string) func(string) bool {
	set := make(map[string]struct{}, len(values))
	for _, v := range values {
		set[v] = struct{}{}
	}
	return func(v string) bool { _, ok := set[v]; return ok }
}

func anyPhrase(values []string) func(string) bool {
	return func(v string) bool {
		return slices.ContainsFunc(values, func(p string) bool { return hasPhrase(v, p) })
	}
}

func allPhrases(values []string) func(string) bool {
	return func(v string) bool {
		return !slices.ContainsFunc(values, func(p string) bool { return !hasPhrase(v, p) })
	}
}

func between(low, high float64) func(string) bool {
	return func(v string) bool {
		n, ok := number(v)
		return ok && n >= low && n <= high
	}
}

// selector is what stands in braces: alternatives of conditions.
type selector [][]labelFilter

type labelFilter struct {
	label string
	test  func(value string) bool
}

func (s selector) match(stream *store.Stream) bool {
	return slices.ContainsFunc(s, func(all []labelFilter) bool {
		return !slices.ContainsFunc(all, func(f labelFilter) bool { return !f.test(stream.Label(f.label)) })
	})
}

// bounds narrows the time that f can match, as far as its conjunction tells.
func bounds(f filter) (start, end int64) {
	start, end = math.MinInt64, math.MaxInt64
	switch f := f.(type) {
	case timeFilter:
		return f.start, f.end
	case andFilter:
		for _, x := range f.of {
			s, e := bounds(x)
			start, end = max(start, s), min(end, e)
		}
	}
	return start, end
}

// streams are the selectors that every match must satisfy.
func streams(f filter) (all []selector) {
	switch f := f.(type) {
	case streamFilter:
		return []selector{f.selector}
	case andFilter:
		for _, x := range f.of {
			all = append(all, streams(x)...)
		}
	}
	return all
}

func matches(pattern string) (func(string) bool, error) {
	re, err := regexp.Compile("(?s)" + pattern)
	if err != nil {
		return nil, err
	}
	return re.MatchString, nil
}
