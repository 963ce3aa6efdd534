package compose

import (
	"net/http"
	"strings"

	"github.com/platformbuilds/mirador-core/gateway/internal/route"
)

// nativeOperation describes a native row without what its row says.
type nativeOperation struct {
	Tag string `yaml:"tag"`
	// Body and Answer name schemas; Form allows the body as a form as well.
	Body   string `yaml:"body"`
	Form   bool   `yaml:"form"`
	Answer string `yaml:"answer"`
	// Media is the type of a body that is not JSON.
	Media string `yaml:"media"`
	// Type of an answer that is not described by a schema, or is not JSON.
	Type string `yaml:"type"`
	// Redirect answers lead elsewhere, Cached ones carry X-Cache.
	Redirect bool `yaml:"redirect"`
	Cached   bool `yaml:"cached"`
	// Secured marks a public row that reads a credential itself.
	Secured bool `yaml:"secured"`
	// Parameters of every method and of GET only.
	Parameters []any `yaml:"parameters"`
	Get        []any `yaml:"get"`
	// Also lists further answers by status.
	Also map[string]struct {
		Description string `yaml:"description"`
		Schema      string `yaml:"schema"`
	} `yaml:"also"`
}

func (o nativeOperation) build(r *route.Row) object {
	op := object{"tags": []string{o.Tag}, "summary": r.Summary, "responses": o.answers(r)}
	parameters := pathParameters(r)
	if r.Method == http.MethodGet {
		parameters = append(parameters, o.Get...)
	}
	if parameters = append(parameters, o.Parameters...); len(parameters) > 0 {
		op["parameters"] = parameters
	}
	if r.Method == http.MethodPost && o.Body != "" {
		op["requestBody"] = o.body(r)
	}
	if o.Secured {
		op["security"] = security()
	}
	return op
}

func (o nativeOperation) body(r *route.Row) object {
	if o.Media != "" {
		return object{"required": true, "content": object{o.Media: object{"schema": ref(o.Body)}}}
	}
	content := object{"application/json": object{"schema": ref(o.Body)}}
	if o.Form {
		content["application/x-www-form-urlencoded"] = object{"schema": ref(o.Body)}
	}
	return object{"required": r.Permission == route.Public || strings.HasPrefix(r.Handler, "query"), "content": content}
}

func (o nativeOperation) answers(r *route.Row) object {
	answers := object{"default": failure(r)}
	if o.Redirect {
		answers["302"] = object{"description": "The page is elsewhere."}
		return answers
	}
	ok := object{"description": "OK"}
	switch {
	case o.Answer != "" && o.Type != "":
		ok["content"] = object{o.Type: object{"schema": ref(o.Answer)}}
	case o.Answer != "":
		ok["content"] = object{"application/json": object{"schema": ref(o.Answer)}}
	case o.Type == "application/json":
		ok["content"] = object{o.Type: object{"schema": object{"type": "object"}}}
	default:
		ok["content"] = object{o.Type: object{"schema": object{"type": "string"}}}
	}
	if o.Cached {
		ok["headers"] = object{"X-Cache": object{"description": "HIT, MISS or BYPASS", "schema": object{"type": "string"}}}
	}
	answers["200"] = ok
	for status, also := range o.Also {
		answers[status] = object{"description": also.Description, "content": object{"application/json": object{"schema": ref(also.Schema)}}}
	}
	return answers
}

func failure(r *route.Row) object {
	switch r.Shape {
	case route.Prometheus:
		return object{"description": "Any fault, in Prometheus' shape.", "content": object{"application/json": object{"schema": ref("PrometheusError")}}}
	case route.Jaeger:
		return object{"description": "Any fault, in Jaeger's shape.", "content": object{"application/json": object{"schema": ref("JaegerError")}}}
	}
	return object{"description": "Any fault.", "content": object{"application/problem+json": object{"schema": ref("Problem")}}}
}

func pathParameters(r *route.Row) []any {
	var parameters []any
	for segment := range strings.SplitSeq(r.Pattern, "/") {
		if strings.HasPrefix(segment, "{") {
			parameters = append(parameters, object{"name": strings.Trim(segment, "{}"), "in": "path", "required": true,
				"schema": object{"type": "string"}})
		}
	}
	return parameters
}

func ref(schema string) object { return object{"$ref": "#/components/schemas/" + schema} }
