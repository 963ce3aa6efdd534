package metricsql

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// named gives each word its name, so that tt\f and \x74tf are ttf, as the
// parser has it. A name that could be taken for another token keeps a
// backslash in front.
func named(list []token) {
	for i, t := range list {
		if !t.isWord() || !strings.Contains(t.text, `\`) {
			continue
		}
		name := unescape(t.text)
		if strings.ContainsFunc(name, func(r rune) bool { return !wordRune(r) }) {
			name = `\` + name
		}
		list[i].text = name
	}
}

func unescape(s string) string {
	var b strings.Builder
	for s != "" {
		head, tail, found := strings.Cut(s, `\`)
		b.WriteString(head)
		if !found || tail == "" {
			break
		}
		r, size := escaped(tail)
		b.WriteRune(r)
		s = tail[size:]
	}
	return b.String()
}

// escaped reads what follows a backslash: xHH, uHHHH or any character.
func escaped(s string) (r rune, size int) {
	digits := map[byte]int{'x': 2, 'X': 2, 'u': 4, 'U': 4}[s[0]]
	if digits > 0 && len(s) > digits {
		if n, err := strconv.ParseUint(s[1:1+digits], 16, 32); err == nil {
			return rune(n), 1 + digits
		}
	}
	return utf8.DecodeRuneInString(s)
}
