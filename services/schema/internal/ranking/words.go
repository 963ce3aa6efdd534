// Package ranking finds the definitions that fit a question best: BM25 over
// words of names, tags and descriptions, and a short list of synonyms. It is
// pure: no store, no clock, no network.
package ranking

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words splits a text into lower-case stems: at everything that is neither
// letter nor digit, and where camelCase begins a new word. A word that was
// made of several ("http_requests_total") also stands as a whole. Words that
// say nothing are left out.
func Words(text string) []string {
	var out []string
	for _, word := range strings.Fields(text) {
		word = strings.TrimFunc(word, isMark)
		parts := split(word)
		for _, p := range parts {
			if p = strings.ToLower(p); !silent[p] {
				out = append(out, stem(p))
			}
		}
		if len(parts) > 1 {
			out = append(out, strings.ToLower(word))
		}
	}
	return out
}

func isMark(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }

// split cuts one word into its parts.
func split(word string) []string {
	var parts []string
	start, before := -1, rune(0)
	end := func(i int) {
		if start >= 0 && start < i {
			parts = append(parts, word[start:i])
		}
	}
	for i, r := range word {
		switch {
		case isMark(r):
			end(i)
			start = -1
		case start < 0:
			start = i
		case unicode.IsUpper(r) && (!unicode.IsUpper(before) || lowerAfter(word[i:])):
			end(i)
			start = i
		}
		before = r
	}
	end(len(word))
	return parts
}

// lowerAfter tells whether the second letter is a small one: the S in
// HTTPServer begins a word, the T does not.
func lowerAfter(text string) bool {
	_, n := utf8.DecodeRuneInString(text)
	r, _ := utf8.DecodeRuneInString(text[n:])
	return unicode.IsLower(r)
}

// stem takes off the endings that make most forms of an English word. It need
// not be right, only the same for texts and questions.
func stem(word string) string {
	n := len(word)
	switch {
	case n > 4 && strings.HasSuffix(word, "ies"):
		word = word[:n-3] + "y"
	case n > 5 && strings.HasSuffix(word, "ing"):
		word = single(word[:n-3])
	case n > 4 && strings.HasSuffix(word, "ed"):
		word = single(word[:n-2])
	case n > 4 && hasAny(word, "sses", "ches", "shes", "xes"):
		word = word[:n-2]
	case n > 3 && word[n-1] == 's' && !hasAny(word, "ss", "us", "is"):
		word = word[:n-1]
	}
	if len(word) > 4 {
		word = strings.TrimSuffix(word, "e")
	}
	return word
}

// single takes back a doubled last letter: "stopp" of "stopped".
func single(word string) string {
	n := len(word)
	if n > 3 && word[n-1] == word[n-2] && !hasAny(word, "l", "s", "z") {
		return word[:n-1]
	}
	return word
}

func hasAny(word string, endings ...string) bool {
	for _, e := range endings {
		if strings.HasSuffix(word, e) {
			return true
		}
	}
	return false
}

// silent words say nothing about what is meant.
var silent = set(`a an and any are as at be been but by can did do does for from get give given had has have how i if in into
	is it its many me much my of on or our out show so than that the their them then there these they this to us was we were what
	when where which who whose why will with you your`)

func set(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(text) {
		out[w] = true
	}
	return out
}
