package server

import (
	"fmt"

	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

func labels(in []*schemav1.LabelInput) []definition.Change {
	out := make([]definition.Change, 0, len(in))
	for _, l := range in {
		out = append(out, definition.Change{Key: definition.Key{Kind: definition.Label, Name: l.GetLabel()},
			Content: definition.Content{Type: l.GetType(), Required: l.GetRequired(),
				AllowedValues: l.GetAllowedValues().AsMap(), Description: l.GetDescription()}})
	}
	return out
}

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
