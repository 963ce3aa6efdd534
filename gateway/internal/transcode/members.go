package transcode

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// Known tells whether the RPC's request message has a member of that name, in
// either spelling. Names of an RPC that is not linked in are all known.
func Known(rpc, member string) bool {
	in := input(rpc)
	if in == nil {
		return true
	}
	fields := in.Fields()
	return fields.ByJSONName(member) != nil || fields.ByTextName(member) != nil
}

func input(rpc string) protoreflect.MessageDescriptor {
	name := strings.ReplaceAll(strings.TrimPrefix(rpc, "/"), "/", ".")
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		return nil
	}
	m, ok := d.(protoreflect.MethodDescriptor)
	if !ok {
		return nil
	}
	return m.Input()
}
