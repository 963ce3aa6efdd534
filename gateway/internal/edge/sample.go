package edge

import (
	"net/http"
	"strings"
)

// sample gives a CSV file to fill in.
func (e *Edge) sample(x *exchange) error {
	kind := kinds[strings.TrimSuffix(x.row().Pattern, "/bulk/sample")]
	timeout, err := x.in.query.One("timeout")
	if err != nil {
		return err //nolint:wrapcheck // a fault for the caller
	}
	if err := e.deadline(x, timeout); err != nil {
		return err
	}
	s, err := e.parts.Files.Sample(x.ctx, kind, x.in.query.All("metrics"))
	if err != nil {
		return late(err, "the schema service")
	}
	x.warn(s.Warnings)
	x.set("Content-Disposition", "attachment; filename="+s.Name)
	return x.body(http.StatusOK, s.ContentType, s.Data)
}
