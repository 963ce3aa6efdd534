package bulk

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

// File is what a client sent.
type File struct {
	Kind Kind
	// ContentType that the client declared; empty when it did not.
	ContentType string
	Data        []byte
	// Tenant of the caller. Rows may name it, and no other.
	Tenant string
}

// Parse checks a whole file. A file that breaks a limit or a rule of the form
// is refused with a fault: 400, or 403 when it names another tenant. A row with
// content that cannot be stored is named in the plan's Refused.
func Parse(f File, l Limits) (*Plan, error) {
	if !f.Kind.Known() {
		return nil, fault.New(fault.CodeInvalidRequest, "Invalid request").WithField("kind", "is not known")
	}
	if err := Declared(f.ContentType); err != nil {
		return nil, err
	}
	data, err := text(f.Data, l)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, refused(empty, "the file needs a header and rows")
	}
	if err := measure(data, f.Kind.MaxColumns()); err != nil {
		return nil, err
	}
	return f.read(newReader(data))
}

// newReader splits as RFC 4180 says, and nothing else.
func newReader(data []byte) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(data))
	// Rows of another length are refused in our own words.
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	return r
}

func (f File) read(r *csv.Reader) (*Plan, error) {
	names, err := r.Read()
	if err != nil {
		return nil, misquoted(err)
	}
	h, err := readHeader(f.Kind, names)
	if err != nil {
		return nil, err
	}
	width := len(names)
	p := newPlan(f.Kind)
	for rows := 0; ; rows++ {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if err != nil {
			return nil, misquoted(err)
		}
		line, _ := r.FieldPos(0)
		switch {
		case rows == MaxRows:
			return nil, refused(tooManyRows, "a file may have %d rows below its header", MaxRows)
		case len(cells) != width:
			return nil, refused(badCSV, "the row at line %d has %d cells, the header has %d", line, len(cells), width)
		}
		if err := f.add(p, row{line, h, cells}); err != nil {
			return nil, err
		}
	}
}

func misquoted(err error) error {
	var at *csv.ParseError
	if errors.As(err, &at) {
		return refused(badCSV, "a quote is missing or misplaced in the row at line %d", at.StartLine).Wrap(err)
	}
	return refused("failed to read file", "the file is not CSV").Wrap(err)
}

// add puts a row into the plan. Spreadsheets leave rows of empty cells; they
// say nothing.
func (f File) add(p *Plan, r row) error {
	if r.blank() {
		return nil
	}
	own := identity.Identity{Tenant: f.Tenant}
	if err := own.SameTenant("tenant_id", strings.TrimSpace(r.cell("tenant_id"))); err != nil {
		return fault.From(err).WithDetail("the row at line %d names another tenant than yours", r.line)
	}
	p.add(r)
	return nil
}
