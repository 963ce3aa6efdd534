package route

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	optionsv1 "github.com/platformbuilds/mirador-core/proto/gen/options/v1"
)

// RPCs lists a row for every HTTP binding in the registry. A binding on a
// method that does not declare its access is an error: such a method must not
// become reachable.
func RPCs(files *protoregistry.Files) ([]Row, error) {
	var rows []Row
	var faults error
	eachMethod(files, func(m protoreflect.MethodDescriptor) {
		found, err := bindings(m)
		rows = append(rows, found...)
		faults = errors.Join(faults, err)
	})
	return rows, faults
}

func eachMethod(files *protoregistry.Files, visit func(protoreflect.MethodDescriptor)) {
	files.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		for s := range f.Services().Len() {
			methods := f.Services().Get(s).Methods()
			for m := range methods.Len() {
				visit(methods.Get(m))
			}
		}
		return true
	})
}

// bindings turns the HTTP rules of one method into rows.
func bindings(m protoreflect.MethodDescriptor) ([]Row, error) {
	rule, _ := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
	if rule == nil {
		return nil, nil
	}
	access, _ := proto.GetExtension(m.Options(), optionsv1.E_Access).(*optionsv1.Access)
	if access == nil || access.GetInternal() {
		return nil, fmt.Errorf("method %s has an HTTP binding but no public access option", m.FullName())
	}
	var rows []Row
	for _, r := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
		row, err := binding(m, r, access)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func binding(m protoreflect.MethodDescriptor, r *annotations.HttpRule, a *optionsv1.Access) (Row, error) {
	method, pattern := verb(r)
	if method == "" {
		return Row{}, fmt.Errorf("method %s has an HTTP binding without a known verb", m.FullName())
	}
	return Row{Method: method, Pattern: pattern, Permission: a.GetPermission(), Cost: a.GetCost(),
		Effect: effect(a.GetEffect()), RPC: fullMethod(m), BadRequest: a.GetBadRequest(), NameParams: inPath(pattern, a.GetNameParams()),
		Stream: streams(m), Formats: a.GetFormats(), RawBody: a.GetRawBody(), Success: int(a.GetSuccess()), Long: a.GetLong(),
		Summary: words(string(m.Name()))}, nil
}

// streams tells whether a method answers with a stream of bytes.
func streams(m protoreflect.MethodDescriptor) bool {
	return m.IsStreamingServer() && !m.IsStreamingClient() && m.Output().FullName() == "google.api.HttpBody"
}

// inPath leaves out the names that only other bindings of the method have.
func inPath(pattern string, names []string) []string {
	var out []string
	for _, name := range names {
		if strings.Contains(pattern, "{"+name+"}") {
			out = append(out, name)
		}
	}
	return out
}

// words turns the name of a method into a sentence: "UpsertMetric" is "Upsert
// metric."
func words(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte(' ')
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String() + "."
}

func verb(r *annotations.HttpRule) (method, pattern string) {
	switch p := r.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return "GET", p.Get
	case *annotations.HttpRule_Post:
		return "POST", p.Post
	case *annotations.HttpRule_Put:
		return "PUT", p.Put
	case *annotations.HttpRule_Delete:
		return "DELETE", p.Delete
	case *annotations.HttpRule_Patch:
		return "PATCH", p.Patch
	}
	return "", ""
}

func effect(e optionsv1.Effect) Effect {
	switch e {
	case optionsv1.Effect_EFFECT_READ:
		return Read
	case optionsv1.Effect_EFFECT_WRITE:
		return Write
	}
	return ""
}

func fullMethod(m protoreflect.MethodDescriptor) string {
	return "/" + string(m.Parent().FullName()) + "/" + string(m.Name())
}
