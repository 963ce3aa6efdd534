package encode

import (
	"io"
	"strings"

	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
)

// table writes CSV by RFC 4180. The standard library's writer changes line ends
// within cells; this one does not.
type table struct {
	w      io.Writer
	buf    []byte
	column map[string]int
	cells  []string
}

// newTable writes the header at once.
func newTable(w io.Writer, fields []string) (*table, error) {
	t := &table{w: w, column: make(map[string]int, len(fields)), cells: make([]string, len(fields))}
	for i, name := range fields {
		t.column[name] = i
	}
	return t, t.record(fields)
}

// Encode implements Encoder.
func (t *table) Encode(r *row.Row) error {
	clear(t.cells)
	for _, f := range r.Fields() {
		if i, ok := t.column[f.Name]; ok {
			t.cells[i] = f.Text()
		}
	}
	return t.record(t.cells)
}

func (t *table) record(cells []string) error {
	t.buf = t.buf[:0]
	for i, c := range cells {
		if i > 0 {
			t.buf = append(t.buf, ',')
		}
		t.buf = appendCell(t.buf, GuardCell(c))
	}
	if len(cells) == 1 && len(t.buf) == 0 {
		// A blank line would be no record.
		t.buf = append(t.buf, `""`...)
	}
	t.buf = append(t.buf, '\r', '\n')
	_, err := t.w.Write(t.buf)
	return err
}

// Close implements Encoder.
func (t *table) Close() error { return nil }

func appendCell(dst []byte, c string) []byte {
	if !strings.ContainsAny(c, "\",\r\n") && strings.TrimSpace(c) == c {
		return append(dst, c...)
	}
	dst = append(dst, '"')
	for i := range len(c) {
		if c[i] == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, c[i])
	}
	return append(dst, '"')
}

// GuardCell puts an apostrophe before what a spreadsheet would take for a
// formula: = + - @, also in full width, tab and line ends, also behind blanks
// and invisible characters. Text that looks guarded already is guarded once more,
// so that UnguardCell gives back what was there.
func GuardCell(c string) string {
	if formula(strings.TrimLeft(c, "'")) {
		return "'" + c
	}
	return c
}

// UnguardCell strips the apostrophe that GuardCell has put there.
func UnguardCell(c string) string {
	if rest, found := strings.CutPrefix(c, "'"); found && formula(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return c
}

// formula tells whether a spreadsheet may evaluate the text.
func formula(c string) bool {
	if c == "" {
		return false
	}
	if strings.IndexByte("\t\r\n", c[0]) >= 0 {
		return true
	}
	for _, r := range strings.TrimLeftFunc(c, invisible) {
		return strings.ContainsRune("=+-@＝＋－＠", r)
	}
	return false
}

// invisible characters do not keep a spreadsheet from seeing a formula.
func invisible(r rune) bool {
	return r <= ' ' || r == 0x7f || strings.ContainsRune("\u0085\u00a0\u200b\u200c\u200d\u2060\u3000\ufeff", r)
}
