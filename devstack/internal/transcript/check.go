package transcript

import (
	"errors"
	"fmt"
	"net/http"
)

// Check compares an answer with the recorded one: the status, the named
// headers and, but for HEAD, what body says of the body. nil means the same.
func (e Exchange) Check(got Reply, headers []string, body func(got []byte) error) error {
	if e.Response.Connection != "" {
		return fmt.Errorf("status %d, recorded: connection %s", got.Status, e.Response.Connection)
	}
	var errs []error
	if got.Status != e.Response.Status {
		errs = append(errs, fmt.Errorf("status %d, recorded %d", got.Status, e.Response.Status))
	}
	for _, name := range headers {
		g, w := got.Header.Get(name), e.Response.Headers[name]
		// With a list of headers not all those of the answer were recorded.
		if shown := w != "" || len(e.Request.List) == 0; g != w && shown {
			errs = append(errs, fmt.Errorf("%s %q, recorded %q", name, g, w))
		}
	}
	if e.Request.Method != http.MethodHead {
		errs = append(errs, body(got.Body))
	}
	return errors.Join(errs...)
}
