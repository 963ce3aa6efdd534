package message

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge/param"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

// value is one text for one field.
type value struct {
	// path of fields from the message to the field.
	path []protoreflect.FieldDescriptor
	// key of a map's entry.
	key string
	// text of the value, and where it stood.
	text, pointer string
}

// name is the same for all values of one field or entry.
func (v value) name() string {
	var b strings.Builder
	for _, f := range v.path {
		b.WriteString(string(f.Name()) + ".")
	}
	return b.String() + v.key
}

func (v value) field() protoreflect.FieldDescriptor { return v.path[len(v.path)-1] }

// builder collects values and faults.
type builder struct {
	values  map[string][]value
	order   []string
	unknown []string
	fields  []fault.Field
}

func (b *builder) read(d protoreflect.MessageDescriptor, s Source) {
	for _, p := range s.Path {
		b.parameter(d, p.Name, p.Value)
	}
	for _, p := range s.Query.Pairs() {
		b.parameter(d, p.Name, p.Value)
	}
	for _, p := range s.Form.Pairs() {
		b.parameter(d, p.Name, p.Value)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Members)) {
		b.member(d, nil, "", name, s.Members[name])
	}
}

func (b *builder) add(v value) {
	name := v.name()
	if b.values[name] == nil {
		b.order = append(b.order, name)
	}
	b.values[name] = append(b.values[name], v)
}

// ignore notes a name that the message does not have. Those that the edge
// itself reads are not worth a word.
func (b *builder) ignore(name string) {
	if name == "timeout" || name == "nocache" || param.IsTenant(name) || slices.Contains(b.unknown, name) {
		return
	}
	b.unknown = append(b.unknown, name)
}

func (b *builder) fault(pointer, format string, args ...any) {
	b.fields = append(b.fields, fault.Field{Pointer: pointer, Detail: fmt.Sprintf(format, args...)})
}

// err is the fault that names every faulty parameter, or nil.
func (b *builder) err() error {
	if len(b.fields) == 0 {
		return nil
	}
	f := fault.New(fault.CodeInvalidRequest, "Invalid request")
	f.Fields = b.fields
	f.Detail = b.fields[0].Pointer + " " + b.fields[0].Detail
	return f.WithExtra("details", f.Detail)
}
