package pattern

import (
	"strings"
)

// delimiters end a word and stay as they are.
const delimiters = ",;()[]{}<>=|&?"

// Mask replaces what varies from row to row by its type: <num>, <dur>, <size>,
// <hex>, <uuid>, <ip>, <time> and <str> for what stands in quotes. Blanks become
// one space. Only the first two kilobytes are looked at.
func Mask(message string) string {
	m := masker{in: cut(message)}
	m.out = make([]byte, 0, len(m.in)+16)
	for m.at < len(m.in) {
		m.step()
	}
	return strings.TrimSuffix(string(m.out), " ")
}

type masker struct {
	in  string
	at  int
	out []byte
	// open is set for quotes that are never closed, which are looked for once.
	open [128]bool
}

func (m *masker) step() {
	c := m.in[m.at]
	switch {
	case blank(c):
		m.space()
	case m.quoted():
	case strings.IndexByte(delimiters, c) >= 0 || quote(c):
		m.out = append(m.out, c)
		m.at++
	default:
		m.word()
	}
}

// space writes one blank for many, and none in front.
func (m *masker) space() {
	if n := len(m.out); n > 0 && m.out[n-1] != ' ' {
		m.out = append(m.out, ' ')
	}
	m.at++
}

// quoted passes over a text in quotes. An apostrophe within a word opens none.
func (m *masker) quoted() bool {
	q := m.in[m.at]
	if !quote(q) || m.open[q] || m.at > 0 && letter(m.in[m.at-1]) {
		return false
	}
	for i := m.at + 1; i < len(m.in); i++ {
		switch {
		case m.in[i] == '\\':
			i++
		case m.in[i] == q && (i+1 == len(m.in) || !letter(m.in[i+1])):
			m.out = append(m.out, "<str>"...)
			m.at = i + 1
			return true
		}
	}
	m.open[q] = true
	return false
}

func (m *masker) word() {
	end := m.at
	for end < len(m.in) && !blank(m.in[end]) && !quote(m.in[end]) && strings.IndexByte(delimiters, m.in[end]) < 0 {
		end++
	}
	word := m.in[m.at:end]
	m.at = end
	core := strings.TrimRight(word, ".:!-")
	m.out = maskWord(m.out, core)
	m.out = append(m.out, word[len(core):]...)
}

func blank(c byte) bool  { return c <= ' ' || c == 0x7f }
func quote(c byte) bool  { return c == '"' || c == '\'' || c == '`' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }
func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || digit(c) || c >= 0x80 }
