package openapi

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"path"
	"strings"
	"sync"

	"github.com/swaggest/swgui/v5/static"
)

// Policy is the Content-Security-Policy of the Swagger UI: its own files only.
// The UI sets style attributes and shows pictures from data: URLs.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

//go:embed index.html
var index []byte

//go:embed start.js
var start []byte

// Page is one file of the Swagger UI.
type Page struct {
	// ContentType of the body.
	ContentType string
	// Body, which must not be changed.
	Body []byte
}

// Page returns a file by name.
func (d *Documents) Page(name string) (Page, bool) {
	load := d.pages[name]
	if load == nil {
		return Page{}, false
	}
	page, err := load()
	return page, err == nil
}

// newPages lists the files. They are unpacked when first asked for: most
// processes never show them.
func newPages() (map[string]func() (Page, error), error) {
	pages := map[string]func() (Page, error){
		"index.html": ready("index.html", index),
		"start.js":   ready("start.js", start),
	}
	entries, err := fs.ReadDir(static.FS, ".")
	if err != nil {
		return nil, fmt.Errorf("list swagger ui: %w", err)
	}
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".gz")
		pages[name] = sync.OnceValues(func() (Page, error) { return unpack(name, e.Name()) })
	}
	return pages, nil
}

func ready(name string, body []byte) func() (Page, error) {
	return func() (Page, error) { return Page{contentType(name), body}, nil }
}

func unpack(name, file string) (Page, error) {
	b, err := static.FS.ReadFile(file)
	if err != nil {
		return Page{}, fmt.Errorf("read swagger ui: %w", err)
	}
	if name == file {
		return Page{contentType(name), b}, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return Page{}, fmt.Errorf("unpack %s: %w", file, err)
	}
	plain, err := io.ReadAll(r) //nolint:gosec // the file is part of this binary
	if err != nil {
		return Page{}, fmt.Errorf("unpack %s: %w", file, err)
	}
	return Page{contentType(name), plain}, nil
}

// contentType does not ask the machine's mime table, which differs.
func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".png":
		return "image/png"
	default:
		return mime.TypeByExtension(ext)
	}
}
