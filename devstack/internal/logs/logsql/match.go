package logsql

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

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

func matches(pattern string) (func(string) bool, error) {
	re, err := regexp.Compile("(?s)" + pattern)
	if err != nil {
		return nil, err
	}
	return re.MatchString, nil
}
