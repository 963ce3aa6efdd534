package message

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// parameter takes one parameter of path, query string or form: "name",
// "outer.inner" or "map[key]".
func (b *builder) parameter(d protoreflect.MessageDescriptor, name, text string) {
	path, key := resolve(d, name)
	if path == nil {
		b.ignore(name)
		return
	}
	b.add(value{path, key, text, name})
}

// resolve finds the field that a parameter names; nil when there is none.
func resolve(d protoreflect.MessageDescriptor, name string) (path []protoreflect.FieldDescriptor, key string) {
	base, rest, indexed := strings.Cut(name, "[")
	for part := range strings.SplitSeq(base, ".") {
		if d == nil {
			return nil, ""
		}
		f := lookup(d, part)
		if f == nil {
			return nil, ""
		}
		path, d = append(path, f), inner(f)
	}
	last := path[len(path)-1]
	key, closed := strings.CutSuffix(rest, "]")
	switch {
	case last.IsMap() != (indexed && key != ""), indexed && !closed, indexed && !last.IsMap() && !last.IsList(), inner(last) != nil:
		return nil, ""
	}
	return path, key
}

// lookup finds a field in either spelling of its name.
func lookup(d protoreflect.MessageDescriptor, name string) protoreflect.FieldDescriptor {
	if f := d.Fields().ByTextName(name); f != nil {
		return f
	}
	return d.Fields().ByJSONName(name)
}

// inner is the message of a field that has members; nil for all others.
func inner(f protoreflect.FieldDescriptor) protoreflect.MessageDescriptor {
	if f.IsMap() || f.IsList() {
		return nil
	}
	return f.Message()
}

// member takes one member of the JSON object at a pointer, which is the value
// of the outer fields.
func (b *builder) member(d protoreflect.MessageDescriptor, outer []protoreflect.FieldDescriptor, at, name string, raw json.RawMessage) {
	f := lookup(d, name)
	if f == nil {
		b.ignore(dotted(outer, name))
		return
	}
	path := append(slices.Clone(outer), f)
	at += "/" + escape(name)
	switch {
	case f.IsMap():
		b.entries(path, at, raw)
	case f.IsList():
		b.items(path, at, raw)
	case f.Message() != nil:
		b.object(path, at, raw)
	default:
		b.scalar(value{path: path, pointer: at}, raw)
	}
}

func dotted(outer []protoreflect.FieldDescriptor, name string) string {
	var b strings.Builder
	for _, f := range outer {
		b.WriteString(f.TextName() + ".")
	}
	return b.String() + name
}

// escape makes a key a part of a JSON pointer (RFC 6901).
func escape(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}

func (b *builder) object(path []protoreflect.FieldDescriptor, at string, raw json.RawMessage) {
	members, ok := b.members(at, raw)
	if !ok {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		b.member(path[len(path)-1].Message(), path, at, name, members[name])
	}
}

func (b *builder) entries(path []protoreflect.FieldDescriptor, at string, raw json.RawMessage) {
	members, ok := b.members(at, raw)
	if !ok {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(members)) {
		b.scalar(value{path: path, key: key, pointer: at + "/" + escape(key)}, members[key])
	}
}

func (b *builder) members(at string, raw json.RawMessage) (members map[string]json.RawMessage, ok bool) {
	if err := json.Unmarshal(raw, &members); err != nil {
		b.fault(at, "must be an object")
		return nil, false
	}
	return members, true
}

// items takes a list, or one value in its place.
func (b *builder) items(path []protoreflect.FieldDescriptor, at string, raw json.RawMessage) {
	if raw[0] != '[' {
		b.scalar(value{path: path, pointer: at}, raw)
		return
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		b.fault(at, "must be a list")
		return
	}
	for i, item := range items {
		b.scalar(value{path: path, pointer: at + "/" + strconv.Itoa(i)}, item)
	}
}

// scalar takes a text, a number or a truth value; null stands for nothing.
func (b *builder) scalar(v value, raw json.RawMessage) {
	switch raw[0] {
	case '{', '[':
		b.fault(v.pointer, "must be a text, a number or a truth value")
		return
	case 'n':
		return
	case '"':
		if err := json.Unmarshal(raw, &v.text); err != nil {
			b.fault(v.pointer, "must be a text")
			return
		}
	default:
		v.text = digits(string(raw))
	}
	b.add(v)
}

// digits writes a number without an exponent, as long as that is short: some
// encoders write times as 1.7951688e+12.
func digits(number string) string {
	const longest = 1e21
	if !strings.ContainsAny(number, "eE") || number == "true" || number == "false" {
		return number
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || math.Abs(f) >= longest {
		return number
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
