package message

import (
	"net/url"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// everything is the filter that lets every name through.
var everything = utilities.NewDoubleArray(nil)

// set puts the values of one field into the message. They all must mean the
// same unless the field is a list: the next reader might take another one.
func (b *builder) set(m protoreflect.Message, values []value) {
	if values[0].field().Kind() != protoreflect.StringKind {
		for i := range values {
			values[i].text = digits(values[i].text)
		}
	}
	first := values[0]
	if !first.field().IsList() {
		for _, v := range values {
			if v.text != first.text {
				b.fault(v.pointer, "is given more than once")
				return
			}
		}
		values = values[:1]
	}
	if first.field().IsMap() {
		b.entry(m, first)
		return
	}
	b.populate(m, values)
}

// entry sets one entry of a map from texts to texts; others are not parameters.
func (b *builder) entry(m protoreflect.Message, v value) {
	f := v.field()
	if f.MapKey().Kind() != protoreflect.StringKind || f.MapValue().Kind() != protoreflect.StringKind {
		b.ignore(v.pointer)
		return
	}
	for _, outer := range v.path[:len(v.path)-1] {
		m = m.Mutable(outer).Message()
	}
	m.Mutable(f).Map().Set(protoreflect.ValueOfString(v.key).MapKey(), protoreflect.ValueOfString(v.text))
}

// populate parses the texts as the field's kind. An empty text is a number not
// given.
func (b *builder) populate(m protoreflect.Message, values []value) {
	f := values[0].field()
	names := make([]string, 0, len(values[0].path))
	for _, p := range values[0].path {
		names = append(names, string(p.Name()))
	}
	for _, v := range values {
		if v.text == "" && f.Kind() != protoreflect.StringKind {
			continue
		}
		if err := runtime.PopulateQueryParameters(m.Interface(), url.Values{strings.Join(names, "."): {v.text}}, everything); err != nil {
			b.fault(v.pointer, "must be %s", kind(f))
		}
	}
}

// kind says what a field holds, for people.
func kind(f protoreflect.FieldDescriptor) string {
	switch f.Kind() {
	case protoreflect.BoolKind:
		return "true or false"
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return "a number"
	case protoreflect.StringKind:
		return "a text"
	case protoreflect.EnumKind:
		return "one of the known words"
	}
	return "a whole number within its range"
}
