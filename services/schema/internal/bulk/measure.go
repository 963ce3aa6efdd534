package bulk

// Bounds of a file.
const (
	// MaxRows below the header.
	MaxRows = 10_000
	// MaxCell in bytes; every definition that may be stored fits.
	MaxCell = 64 << 10
)

// measure bounds the cells of a row and the bytes of a cell before the CSV
// reader allocates anything for them. Where quotes are misplaced it may count
// wrongly, but only behind the place where the reader stops.
func measure(data []byte, most int) error {
	m := meter{line: 1, start: 1, header: true}
	for _, b := range data {
		m.see(b)
		switch {
		case m.cell > MaxCell:
			return refused(largeCell, "a cell of the row at line %d has more than %d bytes", m.start, MaxCell)
		case m.cells > most && m.header:
			return refused(tooManyColumns, "a file of this kind may have %d columns", most)
		case m.cells > most:
			return refused(badCSV, "the row at line %d has more than %d cells", m.start, most)
		}
	}
	return nil
}

// meter counts what passes.
type meter struct {
	quoted bool
	// line of the byte, and start of its row.
	line, start int
	// cells of the row so far, and bytes of the cell.
	cells, cell int
	// header until the first row that is not blank has ended.
	header bool
}

func (m *meter) see(b byte) {
	if b == '\n' {
		m.line++
	}
	switch {
	case b == '"':
		m.quoted = !m.quoted
		m.cells = max(1, m.cells)
	case m.quoted:
		m.cell++
	case b == '\n':
		m.header = m.header && m.cells == 0
		m.start, m.cells, m.cell = m.line, 0, 0
	case b == ',':
		m.cells, m.cell = max(1, m.cells)+1, 0
	case b != '\r' || m.cells > 0:
		m.cells, m.cell = max(1, m.cells), m.cell+1
	}
}
