// Package form reads a multipart form with one file, in memory and within
// bounds. Names of files are never paths here.
package form

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge/param"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

// Bounds of what stands beside the file.
const (
	maxFields = 16
	maxField  = 4 << 10
)

// Form is a file and what is said beside it.
type Form struct {
	// Name and ContentType of the file as they were declared.
	Name, ContentType string
	Data              []byte
	// Tenants that fields beside the file name; other fields say nothing.
	Tenants []string

	fields int
}

// TooLarge is the fault of a form with a file of more than limit bytes.
func TooLarge(limit int) error { return broken("the file may have %d bytes", limit) }

// broken has the contract's text for every form that cannot be used.
func broken(detail string, args ...any) *fault.Error {
	return fault.New(fault.CodeInvalidRequest, "invalid multipart form or file too large").WithDetail(detail, args...)
}

// Read wants exactly one file, in the part "file". Other parts may only be
// small fields, and none that a client must not set.
func Read(contentType string, body []byte, limit int) (Form, error) {
	var f Form
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || media != "multipart/form-data" || params["boundary"] == "" {
		return f, broken("send multipart/form-data with a boundary")
	}
	r := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	found := false
	for {
		p, err := r.NextRawPart()
		// A form that was cut gives io.EOF within another error.
		if err == io.EOF {
			break
		}
		if err != nil {
			return f, broken("the form cannot be read").Wrap(err)
		}
		isFile := p.FileName() != ""
		if isFile && (found || p.FormName() != "file") {
			return f, broken("a form has one file, in the part \"file\"")
		}
		found = found || isFile
		if err := f.add(p, isFile, min(limit, len(body))); err != nil {
			return f, err
		}
	}
	if !found {
		return f, fault.New(fault.CodeInvalidRequest, "file is required").WithField("file", "must be a file")
	}
	return f, nil
}

func (f *Form) add(p *multipart.Part, isFile bool, limit int) error {
	if !isFile {
		limit = maxField
	}
	var b bytes.Buffer
	b.Grow(limit + bytes.MinRead) // in one piece: the file is the most that is in memory
	_, err := b.ReadFrom(io.LimitReader(p, int64(limit)+1))
	data := b.Bytes()
	switch {
	case err != nil:
		return fault.New(fault.CodeInvalidRequest, "failed to read file").Wrap(err)
	case isFile && len(data) > limit:
		return TooLarge(limit)
	case len(data) > limit || f.fields == maxFields:
		return broken("a form may have %d fields of %d bytes", maxFields, maxField)
	case isFile:
		f.Name, f.ContentType, f.Data = p.FileName(), p.Header.Get("Content-Type"), data
		return nil
	}
	if f.fields++; param.IsTenant(p.FormName()) {
		f.Tenants = append(f.Tenants, string(data))
	}
	return param.Forbidden([]string{p.FormName()}) //nolint:wrapcheck // a fault for the caller
}
