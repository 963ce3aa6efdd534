package bulk

import (
	"strings"
	"unicode"
)

// Guarded gives a cell as it stands in a CSV file: with a quote in front when a
// spreadsheet could take it for a formula (OWASP ASVS 5.0, 1.2.10). Bare takes
// it back; for every text, Bare(Guarded(text)) is the text.
func Guarded(cell string) string {
	if formula(strings.TrimLeft(cell, "'")) {
		return "'" + cell
	}
	return cell
}

// Bare gives a cell of a CSV file as it is stored: without one quote that only
// guards what follows.
func Bare(cell string) string {
	rest, quoted := strings.CutPrefix(cell, "'")
	if quoted && formula(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return cell
}

// signs begin a formula; their small and full-width forms are treated as they
// are by spreadsheets of East Asian locales.
const signs = "=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212"

// formula tells whether a spreadsheet may evaluate the cell: it opens with a
// control character, or with a sign behind any number of characters that show
// nothing.
func formula(cell string) bool {
	for _, r := range cell {
		switch {
		case unicode.IsControl(r) || strings.ContainsRune(signs, r):
			return true
		case !unicode.IsSpace(r) && !unicode.In(r, unicode.Cf, unicode.Zs):
			return false
		}
	}
	return false
}
