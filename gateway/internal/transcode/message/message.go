// Package message builds the request message of an RPC from what a client
// sent: path, query string, form and JSON members mean the same. Numbers stand
// for their digits, so that a time may be a text or a number; lists stand for
// a parameter repeated, members of objects for dotted names.
package message

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge/param"
	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

// Source is what one request says.
type Source struct {
	// Path parameters; their names are those of the message's fields.
	Path []route.Param
	// Query string and Form body.
	Query, Form param.Set
	// Members of a JSON body.
	Members map[string]json.RawMessage
}

// New returns an empty request message of the RPC ("/package.Service/Method").
func New(rpc string) (proto.Message, error) {
	name := strings.ReplaceAll(strings.TrimPrefix(rpc, "/"), "/", ".")
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", rpc, err)
	}
	method, ok := d.(protoreflect.MethodDescriptor)
	if !ok {
		return nil, fmt.Errorf("%s is not a method", rpc)
	}
	t, err := protoregistry.GlobalTypes.FindMessageByName(method.Input().FullName())
	if err != nil {
		return nil, fmt.Errorf("find the request of %s: %w", rpc, err)
	}
	return t.New().Interface(), nil
}

// Build fills a new request message of the RPC. It also names what the message
// has no member for. The error is a fault that lists every faulty parameter or
// JSON pointer.
func Build(rpc string, s Source) (m proto.Message, unknown []string, err error) {
	if m, err = New(rpc); err != nil {
		return nil, nil, err
	}
	b := &builder{values: map[string][]value{}}
	b.read(m.ProtoReflect().Descriptor(), s)
	for _, name := range b.order {
		b.set(m.ProtoReflect(), b.values[name])
	}
	return m, b.unknown, b.err()
}

// Raw returns a request message that carries a body unread.
func Raw(rpc string, body []byte, contentType string) (proto.Message, error) {
	m, err := New(rpc)
	if err != nil {
		return nil, err
	}
	fields := m.ProtoReflect().Descriptor().Fields()
	for name, v := range map[protoreflect.Name]protoreflect.Value{
		"body": protoreflect.ValueOfBytes(body), "content_type": protoreflect.ValueOfString(contentType),
	} {
		field := fields.ByName(name)
		if field == nil {
			return nil, fmt.Errorf("the request of %s has no member %s", rpc, name)
		}
		m.ProtoReflect().Set(field, v)
	}
	return m, nil
}

// Warnings are sentences about names that were ignored.
func Warnings(unknown []string) []string {
	var warnings []string
	for _, name := range unknown {
		warnings = append(warnings, "unknown parameter "+strconv.Quote(name)+" is ignored")
	}
	return warnings
}

// Named gives a fault of the request the row's own message.
func Named(r *route.Row, err error) error {
	f := fault.From(err)
	if f.Code == fault.CodeInvalidRequest {
		f.Message = cmp.Or(r.BadRequest, f.Message)
	}
	return f
}
