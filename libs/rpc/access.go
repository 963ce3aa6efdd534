package rpc

import (
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	optionsv1 "github.com/platformbuilds/mirador-core/proto/gen/options/v1"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

// permissionSelf is held by everybody who is identified.
const permissionSelf = "self"

// method is what the guard knows of one registered method.
type method struct {
	service, name string
	// open methods need neither identity nor deadline.
	open bool
	// access is nil when the method declares none; it is then refused.
	access *optionsv1.Access
}

// methodsOf reads the declarations of everything a server has registered.
func methodsOf(s *grpc.Server) map[string]*method {
	table := map[string]*method{}
	for service, info := range s.GetServiceInfo() {
		for _, m := range info.Methods {
			table["/"+service+"/"+m.Name] = &method{
				service: service, name: m.Name, open: isOpen(service), access: declared(service, m.Name)}
		}
	}
	return table
}

// isOpen lists the services that say nothing about any tenant.
func isOpen(service string) bool {
	return service == "grpc.health.v1.Health" || strings.HasPrefix(service, "grpc.reflection.")
}

func declared(service, name string) *optionsv1.Access {
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service + "." + name))
	if err != nil || !proto.HasExtension(d.Options(), optionsv1.E_Access) {
		return nil
	}
	access, _ := proto.GetExtension(d.Options(), optionsv1.E_Access).(*optionsv1.Access)
	if access.GetPermission() == "" {
		return nil
	}
	return access
}

// allow refuses what the identity may not call. Internal methods are for
// processes that carry a signed identity, not for users.
func (m *method) allow(id *identity.Identity, cred credential) error {
	switch {
	case m.access == nil:
		return fault.New(fault.CodeAccessDenied, "Access denied: insufficient permissions").
			WithDetail("the method declares no permission")
	case m.access.GetInternal() && cred.key != KeyIdentity:
		return fault.New(fault.CodeAccessDenied, "Access denied: insufficient permissions").
			WithDetail("the method is for services only")
	case m.access.GetPermission() == permissionSelf || id.Has(m.access.GetPermission()):
		return nil
	}
	return fault.New(fault.CodeAccessDenied, "Access denied: insufficient permissions").
		WithDetail("needs the permission %s", m.access.GetPermission())
}
