package server

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

func encodeMetric(tenant string, d definition.Definition) *schemav1.Metric {
	return &schemav1.Metric{TenantId: tenant, Metric: d.Name, Description: d.Description, Owner: d.Owner,
		Tags: d.Tags, UpdatedAt: timestamppb.New(d.UpdatedAt)}
}

func encodeLabel(tenant string, d definition.Definition) (*schemav1.Label, error) {
	allowed, err := structpb.NewStruct(d.AllowedValues)
	if err != nil {
		return nil, fmt.Errorf("encode label %q of %q: %w", d.Name, d.Parent, err)
	}
	return &schemav1.Label{TenantId: tenant, Metric: d.Parent, Label: d.Name, Type: d.Type,
		Required: d.Required, AllowedValues: allowed, Description: d.Description}, nil
}

func encodeLogField(tenant string, d definition.Definition) *schemav1.LogField {
	return &schemav1.LogField{TenantId: tenant, Field: d.Name, Type: d.Type, Description: d.Description,
		Tags: d.Tags, Examples: d.Examples, UpdatedAt: timestamppb.New(d.UpdatedAt)}
}

func encodeService(tenant string, d definition.Definition) *schemav1.Service {
	return &schemav1.Service{TenantId: tenant, Service: d.Name, Purpose: d.Purpose, Owner: d.Owner,
		Tags: d.Tags, UpdatedAt: timestamppb.New(d.UpdatedAt)}
}

func encodeOperation(tenant string, d definition.Definition) *schemav1.Operation {
	return &schemav1.Operation{TenantId: tenant, Service: d.Parent, Operation: d.Name, Purpose: d.Purpose, Owner: d.Owner,
		Tags: d.Tags, UpdatedAt: timestamppb.New(d.UpdatedAt)}
}

func encodeFound(tenant string, f definition.Found) (*schemav1.LookupDefinitionsResponse, error) {
	out := &schemav1.LookupDefinitionsResponse{Epoch: f.Epoch}
	for _, m := range f.Metrics {
		out.Metrics = append(out.Metrics, encodeMetric(tenant, m))
	}
	for _, l := range f.Labels {
		label, err := encodeLabel(tenant, l)
		if err != nil {
			return nil, err
		}
		out.Labels = append(out.Labels, label)
	}
	return out, nil
}

// encode gives the message of a definition of any kind.
func encode(tenant string, d definition.Definition) (proto.Message, error) {
	switch d.Kind {
	case definition.Metric:
		return encodeMetric(tenant, d), nil
	case definition.Label:
		return encodeLabel(tenant, d)
	case definition.LogField:
		return encodeLogField(tenant, d), nil
	case definition.Service:
		return encodeService(tenant, d), nil
	case definition.Operation:
		return encodeOperation(tenant, d), nil
	}
	return nil, fmt.Errorf("kind %q has no message", d.Kind)
}

// object is a definition of any kind in the shape that a get gives.
func object(tenant string, d definition.Definition) (*structpb.Struct, error) {
	m, err := encode(tenant, d)
	if err != nil {
		return nil, err
	}
	data, err := protojson.MarshalOptions{EmitUnpopulated: true}.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode %s %q: %w", d.Kind, d.Name, err)
	}
	var out structpb.Struct
	if err := protojson.Unmarshal(data, &out); err != nil {
		return nil, fmt.Errorf("encode %s %q: %w", d.Kind, d.Name, err)
	}
	return &out, nil
}
