package route_test

import (
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	optionsv1 "github.com/platformbuilds/mirador-core/proto/gen/options/v1"
)

// service makes a registry with one service whose one method has a binding.
func service(t *testing.T, access *optionsv1.Access) *protoregistry.Files {
	t.Helper()
	options := &descriptorpb.MethodOptions{}
	proto.SetExtension(options, annotations.E_Http, &annotations.HttpRule{Pattern: &annotations.HttpRule_Get{Get: "/api/v1/new"}})
	if access != nil {
		proto.SetExtension(options, optionsv1.E_Access, access)
	}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("new.proto"), Package: proto.String("new.v1"), Syntax: proto.String("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{{Name: proto.String("M")}},
		Service: []*descriptorpb.ServiceDescriptorProto{{Name: proto.String("S"), Method: []*descriptorpb.MethodDescriptorProto{{
			Name: proto.String("DoIt"), InputType: proto.String(".new.v1.M"), OutputType: proto.String(".new.v1.M"), Options: options}}}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	files := &protoregistry.Files{}
	if err := files.RegisterFile(file); err != nil {
		t.Fatal(err)
	}
	return files
}

func TestMethodWithoutDeclarationStopsTheBuild(t *testing.T) {
	for name, access := range map[string]*optionsv1.Access{"nothing": nil, "internal": {Permission: "p", Internal: true}} {
		if _, err := route.Load(service(t, access)); err == nil || !strings.Contains(err.Error(), "new.v1.S.DoIt") {
			t.Errorf("%s declared: error %v", name, err)
		}
	}
	if _, err := route.Load(service(t, &optionsv1.Access{Permission: "p", Cost: 1})); err == nil {
		t.Error("a method without an effect became a row")
	}
	table, err := route.Load(service(t, &optionsv1.Access{Permission: "p", Cost: 1, Effect: optionsv1.Effect_EFFECT_READ}))
	if err != nil {
		t.Fatal(err)
	}
	m, err := table.Find("GET", "/api/v1/new")
	if err != nil || m.Row.RPC != "/new.v1.S/DoIt" || m.Row.Summary != "Do it." {
		t.Errorf("found %+v, %v", m.Row, err)
	}
}
