package edge

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/valyala/fasthttp"

	"github.com/platformbuilds/mirador-core/gateway/internal/bulk"
	"github.com/platformbuilds/mirador-core/gateway/internal/edge/form"
	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

// Files carries CSV files of definitions; bulk.Client is one.
type Files interface {
	Upload(ctx context.Context, u bulk.Upload) ([]byte, error)
	Sample(ctx context.Context, kind string, metrics []string) (bulk.Sample, error)
}

const (
	uploadHandler = "schema_upload"
	// formBytes are what a form may have around its file.
	formBytes = 64 << 10
)

// uploads tells whether a row takes a form with a file; its body is not read
// before login and rights were looked at.
func uploads(r *route.Row) bool { return r != nil && r.Handler == uploadHandler }

// kinds of files by the path of their collection.
var kinds = map[string]string{"/api/v1/schema/metrics": "metrics", "/api/v1/schema/logs/fields": "logs",
	"/api/v1/schema/traces/services": "traces_services", "/api/v1/schema/traces/operations": "traces_operations"}

// upload sends the file of a form to the schema service.
func (e *Edge) upload(x *exchange) error {
	u := bulk.Upload{Kind: kinds[strings.TrimSuffix(x.row().Pattern, "/bulk")]}
	var err error
	if u.DryRun, err = x.flag("dry_run"); err != nil {
		return err
	}
	if u.AllOrNothing, err = x.flag("all_or_nothing"); err != nil {
		return err
	}
	timeout, err := x.in.query.One("timeout")
	if err != nil {
		return err //nolint:wrapcheck // a fault for the caller
	}
	if err := e.deadline(x, timeout); err != nil {
		return err
	}
	f, err := form.Read(x.header("Content-Type"), x.req.Request.Body(), e.parts.UploadBytes)
	if err != nil {
		return err //nolint:wrapcheck // a fault for the caller
	}
	for _, tenant := range f.Tenants {
		if err := x.identity().SameTenant("tenant_id", tenant); err != nil {
			return err //nolint:wrapcheck // a fault for the caller
		}
	}
	u.Name, u.ContentType, u.Data = f.Name, f.ContentType, f.Data
	body, err := e.parts.Files.Upload(x.ctx, u)
	if err != nil {
		return late(err, "the schema service")
	}
	return x.json(http.StatusOK, body)
}

// flag reads a parameter that is true or false.
func (x *exchange) flag(name string) (bool, error) {
	text, err := x.in.query.One(name)
	if err != nil || text == "" {
		return false, err //nolint:wrapcheck // a fault for the caller
	}
	on, err := strconv.ParseBool(text)
	if err != nil {
		return false, fault.New(fault.CodeInvalidRequest, badRequest(x.row())).WithField(name, "must be true or false")
	}
	return on, nil
}

// bodyBytes is the limit of a request's body: that of a file for a request
// that leads to an upload and names a credential, else the usual one.
func (e *Edge) bodyBytes(h *fasthttp.RequestHeader) int {
	target := h.RequestURI()
	if !h.IsPost() || !bytes.Contains(target, []byte("/bulk")) {
		return e.cfg.BodyBytes
	}
	match, err := e.table.Find(http.MethodPost, pathOf(target))
	named := len(h.Peek("Authorization")) + len(h.Peek("X-Session-Token")) + len(h.Peek("Cookie"))
	if err != nil || !uploads(match.Row) || named == 0 {
		return e.cfg.BodyBytes
	}
	return max(e.cfg.BodyBytes, e.parts.UploadBytes+formBytes)
}

// charged makes an upload that is too large to be received pass login, limits
// and rights like any other, so that it costs what others cost.
func (e *Edge) charged(x *exchange, f *fault.Error) error {
	match, err := e.table.Find(x.method, x.path)
	if f.Code != fault.CodeTooLarge || err != nil || !uploads(match.Row) {
		return f
	}
	const handling = 2 // parameters and the handler itself
	if err := e.run(x, e.order[:len(e.order)-handling]); err != nil {
		return err
	}
	return form.TooLarge(e.parts.UploadBytes)
}
