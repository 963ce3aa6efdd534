// Package openapi holds the OpenAPI document of the whole API and the Swagger
// UI that shows it, both inside the binary: nothing is fetched from elsewhere.
// The document is generated from the route table and the protos by
// gateway/internal/openapi/generate; this package only serves it.
package openapi

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

//go:embed openapi.yaml
var document []byte

// Example times in the document. They are replaced by real ones when the JSON
// form is served, so that "try it out" finds data.
const (
	ExampleEnd   = "2026-01-01T00:05:00Z"
	ExampleStart = "2026-01-01T00:00:00Z"
)

// exampleWindow lies between the two example times.
const exampleWindow = 5 * time.Minute

// Documents serves the document and the Swagger UI.
type Documents struct {
	override string
	json     []byte
	pages    map[string]func() (Page, error)
}

// New prepares the documents. override, when not empty, is a file that is
// served in place of the embedded document. at is the time that examples
// show: the build time, or now.
func New(override string, at time.Time) (*Documents, error) {
	converted, err := toJSON(document, at)
	if err != nil {
		return nil, err
	}
	pages, err := newPages()
	if err != nil {
		return nil, err
	}
	d := &Documents{override: override, json: converted, pages: pages}
	return d, nil
}

// YAML returns the document as it is checked in, or the overriding file.
func (d *Documents) YAML() ([]byte, error) {
	if d.override == "" {
		return document, nil
	}
	b, err := os.ReadFile(d.override)
	if err != nil {
		return nil, fmt.Errorf("read openapi document: %w", err)
	}
	return b, nil
}

// JSON returns the same document as JSON.
func (d *Documents) JSON() ([]byte, error) {
	if d.override == "" {
		return d.json, nil
	}
	b, err := d.YAML()
	if err != nil {
		return nil, err
	}
	return toJSON(b, time.Now())
}

// toJSON converts the document and fills in the example times.
func toJSON(document []byte, at time.Time) ([]byte, error) {
	var tree any
	if err := yaml.Unmarshal(document, &tree); err != nil {
		return nil, fmt.Errorf("parse openapi document: %w", err)
	}
	b, err := json.Marshal(tree)
	if err != nil {
		return nil, fmt.Errorf("encode openapi document: %w", err)
	}
	end := at.UTC().Truncate(time.Second)
	times := strings.NewReplacer(ExampleEnd, end.Format(time.RFC3339), ExampleStart, end.Add(-exampleWindow).Format(time.RFC3339))
	return []byte(times.Replace(string(b))), nil
}
