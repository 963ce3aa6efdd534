package row

import (
	"bytes"
	"unicode/utf8"
)

const (
	// maxNames bounds the names that a row remembers from line to line.
	maxNames = 4096
	// MaxFields of a row; VictoriaLogs keeps 1,000.
	MaxFields = 4096
)

// Parse reads one line into the row, which points into the line from then on.
// The error is ErrSyntax or ErrTooLong.
func Parse(line []byte, into *Row) error {
	into.fields, into.line = into.fields[:0], nil
	if len(line) > MaxLine {
		return ErrTooLong
	}
	if !utf8.Valid(line) {
		line = bytes.ToValidUTF8(line, []byte("\uFFFD"))
	}
	line = bytes.Trim(line, " \t\r\n")
	s := scanner{in: line}
	whole, ok := s.object(into)
	if !ok || s.pos != len(line) {
		into.fields = into.fields[:0]
		return ErrSyntax
	}
	if whole {
		into.line = line
	}
	return nil
}

// object reads the members; whole tells that all of them were kept.
func (s *scanner) object(into *Row) (whole, ok bool) {
	if !s.take('{') {
		return false, false
	}
	if s.blank(); s.take('}') {
		return true, true
	}
	whole = true
	for {
		name, value, ok := s.member()
		if !ok || len(into.fields) >= MaxFields {
			return false, false
		}
		if !into.add(name, value) {
			whole = false
		}
		if s.blank(); s.take(',') {
			s.blank()
			continue
		}
		return whole, s.take('}')
	}
}

// member reads a name in quotes, a colon and a value.
func (s *scanner) member() (name, value []byte, ok bool) {
	if name, ok = s.text(); !ok {
		return nil, nil, false
	}
	if s.blank(); !s.take(':') {
		return nil, nil, false
	}
	s.blank()
	value, ok = s.value()
	return name, value, ok
}

// add keeps the member unless one of its name was kept already.
func (r *Row) add(name, value []byte) bool {
	known := r.intern(name)
	for i := range r.fields {
		if r.fields[i].Name == known {
			return false
		}
	}
	r.fields = append(r.fields, Field{Name: known, raw: value})
	return true
}

// intern gives the name without quotes; rows of one answer share their names.
func (r *Row) intern(quoted []byte) string {
	if name, ok := r.names[string(quoted)]; ok {
		return name
	}
	name := text(quoted)
	if r.names == nil || len(r.names) >= maxNames {
		r.names = make(map[string]string, 32)
	}
	r.names[string(quoted)] = name
	return name
}
