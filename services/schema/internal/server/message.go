package server

import (
	"fmt"

	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

func labels(in []*schemav1.LabelInput) []definition.Label {
	out := make([]definition.Label, 0, len(in))
	for _, l := range in {
		out = append(out, definition.Label{Name: l.GetLabel(), Type: l.GetType(), Required: l.GetRequired(),
			AllowedValues: l.GetAllowedValues().AsMap(), Description: l.GetDescription()})
	}
	return out
}

func encodeMetric(tenant string, m definition.Metric) *schemav1.Metric {
	return &schemav1.Metric{TenantId: tenant, Metric: m.Name, Description: m.Description, Owner: m.Owner,
		Tags: m.Tags, UpdatedAt: timestamppb.New(m.UpdatedAt)}
}

func encodeLabel(tenant string, l definition.Label) (*schemav1.Label, error) {
	allowed, err := structpb.NewStruct(l.AllowedValues)
	if err != nil {
		return nil, fmt.Errorf("encode label %q of %q: %w", l.Name, l.Metric, err)
	}
	return &schemav1.Label{TenantId: tenant, Metric: l.Metric, Label: l.Name, Type: l.Type,
		Required: l.Required, AllowedValues: allowed, Description: l.Description}, nil
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
