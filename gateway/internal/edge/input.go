package edge

import (
	"encoding/json"
	"errors"
	"maps"
	"mime"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge/jsonbody"
	"github.com/platformbuilds/mirador-core/gateway/internal/edge/param"
	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

const (
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
)

// input is what a request says besides its path.
type input struct {
	// query string and form body.
	query, form param.Set
	// members of a JSON body; nil when the body is not JSON.
	members map[string]json.RawMessage
}

// checkParameters reads query string and body once, strictly, and refuses
// what a client must not choose: filters and accounts of back ends, another
// tenant. It runs after login because it compares with the caller's tenant.
func (e *Edge) checkParameters(x *exchange) error {
	in, err := e.read(x)
	if err != nil {
		return err
	}
	x.in = in
	if err := foreign(in); err != nil {
		return err //nolint:wrapcheck // a fault for the caller
	}
	return sameTenant(x)
}

func foreign(in input) error {
	if err := param.Forbidden(in.query.Names()); err != nil {
		return err //nolint:wrapcheck // a fault for the caller
	}
	if err := param.Forbidden(in.form.Names()); err != nil {
		return err //nolint:wrapcheck // a fault for the caller
	}
	return param.Forbidden(slices.Sorted(maps.Keys(in.members))) //nolint:wrapcheck // a fault for the caller
}

func (e *Edge) read(x *exchange) (input, error) {
	var in input
	var err error
	if in.query, err = parse(string(x.req.URI().QueryString())); err != nil {
		return in, err
	}
	body := x.req.Request.Body()
	if len(body) == 0 || uploads(x.row()) {
		return in, nil
	}
	kind := mediaType(x.header("Content-Type"))
	if raw := x.row().RawBody; len(raw) > 0 {
		if !slices.Contains(raw, kind) {
			return in, unsupported(raw...)
		}
		return in, nil
	}
	switch kind {
	case jsonType:
		in.members, err = object(x.row(), body)
	case formType:
		if x.row().Effect != route.Read {
			return in, unsupported(jsonType)
		}
		in.form, err = parse(string(body))
	default:
		return in, unsupported(jsonType)
	}
	return in, err
}

// parse reads parameters; text that is not UTF-8 is refused, since JSON and
// gRPC could not carry it on.
func parse(raw string) (param.Set, error) {
	s, err := param.Parse(raw)
	if err != nil {
		return s, err //nolint:wrapcheck // a fault for the caller
	}
	for _, p := range s.Pairs() {
		if !utf8.ValidString(p.Name) || !utf8.ValidString(p.Value) {
			return s, fault.New(fault.CodeMalformedRequest, "Malformed request").WithDetail("a parameter is not UTF-8")
		}
	}
	return s, nil
}

func unsupported(types ...string) error {
	return fault.New(fault.CodeUnsupportedMedia, "Unsupported media type").
		WithDetail("this route reads %s", joined(types)).WithSuggestion("send the header Content-Type: %s", types[0])
}

// mediaType without parameters, in lower case.
func mediaType(header string) string {
	if header == jsonType {
		return jsonType
	}
	t, _, err := mime.ParseMediaType(header)
	if err != nil {
		return strings.ToLower(strings.TrimSpace(header))
	}
	return t
}

// object reads a JSON body and answers in the row's own words when it cannot.
func object(r *route.Row, body []byte) (map[string]json.RawMessage, error) {
	members, err := jsonbody.Object(body)
	if err == nil {
		return members, nil
	}
	f := fault.New(fault.CodeMalformedRequest, badRequest(r)).WithDetail("%s", err).WithExtra("details", err.Error())
	var place *jsonbody.Fault
	if errors.As(err, &place) && place.Pointer != "" {
		f = f.WithField(place.Pointer, "%s", place.Detail)
	}
	return nil, f
}

// badRequest is the contract's text for a request that cannot be read.
func badRequest(r *route.Row) string {
	if r.BadRequest != "" {
		return r.BadRequest
	}
	return "Invalid request"
}

// sameTenant compares every tenant that the request names with the caller's.
func sameTenant(x *exchange) error {
	id := x.identity()
	if id == nil {
		return nil
	}
	for _, p := range slices.Concat(x.in.query.Pairs(), x.in.form.Pairs()) {
		if param.IsTenant(p.Name) {
			if err := id.SameTenant(p.Name, p.Value); err != nil {
				return err //nolint:wrapcheck // a fault for the caller
			}
		}
	}
	for name, raw := range x.in.members {
		if !param.IsTenant(name) {
			continue
		}
		var tenant string
		if err := json.Unmarshal(raw, &tenant); err != nil {
			return fault.New(fault.CodeInvalidRequest, badRequest(x.row())).WithField("/"+name, "must be a text")
		}
		if err := id.SameTenant("/"+name, tenant); err != nil {
			return err //nolint:wrapcheck // a fault for the caller
		}
	}
	return nil
}
