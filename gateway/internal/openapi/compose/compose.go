// Package compose builds the OpenAPI document out of three parts: the route
// table, which says what exists and who may call it; the operations that
// protoc-gen-openapi made of the protos; and the operations of native rows,
// written by hand. A row without an operation, or an operation without a row,
// is an error. It runs at build time only.
package compose

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/platformbuilds/mirador-core/gateway/internal/route"
)

type object = map[string]any

// protoDocument is what protoc-gen-openapi writes.
type protoDocument struct {
	Paths      map[string]map[string]object `yaml:"paths"`
	Components struct {
		Schemas object `yaml:"schemas"`
	} `yaml:"components"`
}

// nativeDocument is native.yaml.
type nativeDocument struct {
	Operations map[string]nativeOperation `yaml:"operations"`
	Components struct {
		Schemas object `yaml:"schemas"`
	} `yaml:"components"`
}

// document is the result, in the order that people expect.
type document struct {
	OpenAPI    string                       `yaml:"openapi"`
	Info       object                       `yaml:"info"`
	Servers    []object                     `yaml:"servers"`
	Security   []object                     `yaml:"security"`
	Tags       []object                     `yaml:"tags"`
	Paths      map[string]map[string]object `yaml:"paths"`
	Components object                       `yaml:"components"`
}

// Files composes the document from the two parts on disk.
func Files(t *route.Table, protoFile, nativeFile string) ([]byte, error) {
	var proto protoDocument
	var native nativeDocument
	if err := errors.Join(load(protoFile, &proto, plainNames), load(nativeFile, &native, bytes.Clone)); err != nil {
		return nil, err
	}
	c := composer{proto: proto, native: native, used: map[string]bool{}, paths: map[string]map[string]object{}}
	var faults error
	for _, r := range t.Rows() {
		faults = errors.Join(faults, c.add(&r))
	}
	if faults = errors.Join(faults, c.unused()); faults != nil {
		return nil, faults
	}
	return c.encode()
}

// plainNames shortens the names of schemas: several services have a message
// "SearchRequest", and those of metrics and definitions were there first.
func plainNames(b []byte) []byte {
	for long, short := range map[string]string{"query": "", "schema": "", "logs": "Logs", "traces": "Traces"} {
		b = bytes.ReplaceAll(b, []byte("mirador."+long+".v1."), []byte(short))
	}
	return b
}

func load(file string, into any, change func([]byte) []byte) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read part: %w", err)
	}
	if err := yaml.Unmarshal(change(b), into); err != nil {
		return fmt.Errorf("parse %s: %w", file, err)
	}
	return nil
}

type composer struct {
	proto  protoDocument
	native nativeDocument
	used   map[string]bool
	paths  map[string]map[string]object
}

// base is the prefix that the document's server URL carries.
const base = "/api/v1"

// Path is where a row stands in the document. Paths under /api/v1 are written
// relative to it, and their aliases at the root are the same path with an
// empty basePath.
func Path(r *route.Row) string {
	if strings.HasPrefix(r.Pattern, base+"/") {
		return strings.TrimPrefix(r.Pattern, base)
	}
	return r.Pattern
}

func (c *composer) add(r *route.Row) error {
	path, method := Path(r), strings.ToLower(r.Method)
	if c.paths[path] == nil {
		c.paths[path] = map[string]object{}
	}
	if c.paths[path][method] != nil {
		if r.AliasOf == "" && !aliased(r) {
			return fmt.Errorf("route %s %s and another one share the path %s", r.Method, r.Pattern, path)
		}
		return nil
	}
	op, err := c.operation(r)
	if err != nil {
		return err
	}
	c.paths[path][method] = op
	return nil
}

// aliased tells whether a row is one that others are aliases of: it may come
// after them in the order of the table.
func aliased(r *route.Row) bool { return r.Handler != "" }

func (c *composer) operation(r *route.Row) (object, error) {
	op, err := c.found(r)
	if err != nil {
		return nil, err
	}
	op["operationId"] = id(r)
	op["x-mirador-permission"], op["x-mirador-cost"], op["x-mirador-effect"] = r.Permission, int(r.Cost), string(r.Effect)
	if _, secured := op["security"]; !secured && r.Permission == route.Public {
		op["security"] = []object{}
	}
	if !strings.HasPrefix(r.Pattern, base+"/") && !c.underBase(r) {
		op["servers"] = []object{server("{scheme}://{host}", object{"scheme": scheme(), "host": host()})}
	}
	return op, nil
}

// id is unique because method and path are.
func id(r *route.Row) string {
	path := strings.NewReplacer("/", "_", "{", "", "}", "", ".", "_").Replace(Path(r))
	if path == "_" {
		path = "_root"
	}
	return strings.ToLower(r.Method) + path
}

// underBase tells whether the row's path exists below /api/v1 as well.
func (c *composer) underBase(r *route.Row) bool {
	return strings.HasPrefix(r.AliasOf, base) || r.Pattern == "/health" || r.Pattern == "/ready"
}

func (c *composer) found(r *route.Row) (object, error) {
	if r.Handler != "" {
		op, ok := c.native.Operations[r.Handler]
		if !ok {
			return nil, fmt.Errorf("handler %q of %s %s is not in native.yaml", r.Handler, r.Method, r.Pattern)
		}
		c.used[r.Handler] = true
		return op.build(r), nil
	}
	pattern := jsonNames(r.Pattern)
	op := c.proto.Paths[pattern][strings.ToLower(r.Method)]
	if op == nil {
		return nil, fmt.Errorf("%s %s is not in proto.yaml: generate it anew", r.Method, r.Pattern)
	}
	c.used[r.Method+" "+pattern] = true
	return described(r, op), nil
}

// jsonNames writes a pattern as proto.yaml does, which names parameters in
// JSON's spelling: {trace_id} as {traceId}.
func jsonNames(pattern string) string {
	segments := strings.Split(pattern, "/")
	for i, s := range segments {
		if strings.HasPrefix(s, "{") {
			segments[i] = jsonName(s)
		}
	}
	return strings.Join(segments, "/")
}

func jsonName(name string) string {
	head, words, _ := strings.Cut(name, "_")
	for word := range strings.SplitSeq(words, "_") {
		if word != "" {
			head += strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return head
}

// unused names operations that no row leads to.
func (c *composer) unused() error {
	var faults error
	for _, name := range slices.Sorted(maps.Keys(c.native.Operations)) {
		if !c.used[name] {
			faults = errors.Join(faults, fmt.Errorf("native.yaml describes %q, which no route uses", name))
		}
	}
	for path, methods := range c.proto.Paths {
		for method := range methods {
			if !c.used[strings.ToUpper(method)+" "+path] {
				faults = errors.Join(faults, fmt.Errorf("proto.yaml describes %s %s, which is no route", method, path))
			}
		}
	}
	return faults
}

func (c *composer) encode() ([]byte, error) {
	schemas := maps.Clone(c.proto.Components.Schemas)
	for name, schema := range c.native.Components.Schemas {
		if _, twice := schemas[name]; twice {
			return nil, fmt.Errorf("schema %q stands in native.yaml and comes from the protos", name)
		}
		schemas[name] = schema
	}
	var b bytes.Buffer
	b.WriteString("# Generated by gateway/internal/openapi/generate; do not edit.\n")
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(frame(c.paths, schemas)); err != nil {
		return nil, fmt.Errorf("encode openapi document: %w", err)
	}
	return b.Bytes(), nil
}
