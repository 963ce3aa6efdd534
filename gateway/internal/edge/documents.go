package edge

import (
	"bytes"
	"fmt"

	"github.com/prometheus/common/expfmt"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge/problem"
	"github.com/platformbuilds/mirador-core/gateway/internal/openapi"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

// Documents are the OpenAPI document and the pages that show it;
// openapi.Documents is one.
type Documents interface {
	YAML() ([]byte, error)
	JSON() ([]byte, error)
	Page(name string) (openapi.Page, bool)
}

// metrics writes the gateway's metrics in Prometheus' text form.
func (e *Edge) metrics(x *exchange) error {
	families, err := e.tel.Registry.Gather()
	if err != nil {
		return fmt.Errorf("gather metrics: %w", err)
	}
	format := expfmt.NewFormat(expfmt.TypeTextPlain)
	var b bytes.Buffer
	encoder := expfmt.NewEncoder(&b, format)
	for _, family := range families {
		if err := encoder.Encode(family); err != nil {
			return fmt.Errorf("write metrics: %w", err)
		}
	}
	return x.body(200, string(format), b.Bytes())
}

func (e *Edge) openapiYAML(x *exchange) error {
	body, err := e.parts.Documents.YAML()
	if err != nil {
		return unreadableDocument(err)
	}
	x.stored = true
	return e.tagged(x, "application/yaml", body)
}

func (e *Edge) openapiJSON(x *exchange) error {
	body, err := e.parts.Documents.JSON()
	if err != nil {
		return unreadableDocument(err)
	}
	x.stored = true
	return e.tagged(x, jsonType, body)
}

func unreadableDocument(err error) error {
	return fault.New(fault.CodeInternal, "OpenAPI document is not readable").Wrap(err)
}

// swagger serves the page and its files, all of them from this binary.
func (e *Edge) swagger(x *exchange) error {
	page, ok := e.parts.Documents.Page(x.match.Param("file"))
	if !ok {
		return fault.New(fault.CodeNotFound, "Not found")
	}
	x.set("Content-Security-Policy", openapi.Policy)
	x.set("Cache-Control", "public, max-age=3600")
	x.stored = true
	return e.tagged(x, page.ContentType, page.Body)
}

// problems lists every code; problem is the page behind a problem's type.
func (e *Edge) problems(x *exchange) error {
	return e.page(x, problem.Index())
}

func (e *Edge) problem(x *exchange) error {
	page, ok := problem.Page(x.match.Param("code"))
	if !ok {
		return fault.New(fault.CodeNotFound, "Not found")
	}
	return e.page(x, page)
}

func (e *Edge) page(x *exchange, html []byte) error {
	x.set("Content-Security-Policy", pagePolicy)
	return e.tagged(x, "text/html; charset=utf-8", html)
}
