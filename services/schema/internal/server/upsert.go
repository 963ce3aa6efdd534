package server

import (
	"context"

	"google.golang.org/protobuf/types/known/structpb"

	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// UpsertMetric defines a metric and labels of it.
func (s *Server) UpsertMetric(ctx context.Context, req *schemav1.UpsertMetricRequest) (*schemav1.UpsertResponse, error) {
	return s.upsert(ctx, written{tenant: req.GetTenantId(), key: metricKey(req.GetMetric()), labels: labels(req.GetLabels()),
		content: definition.Content{Description: req.GetDescription(), Owner: req.GetOwner()}, tags: req.GetTags()})
}

// UpsertLabel defines one label of a metric.
func (s *Server) UpsertLabel(ctx context.Context, req *schemav1.UpsertLabelRequest) (*schemav1.UpsertResponse, error) {
	return s.upsert(ctx, written{tenant: req.GetTenantId(), key: labelKey(req.GetMetric(), req.GetLabel()),
		content: definition.Content{Type: req.GetType(), Required: req.GetRequired(),
			AllowedValues: req.GetAllowedValues().AsMap(), Description: req.GetDescription()}})
}

// UpsertLogField defines a field of log rows.
func (s *Server) UpsertLogField(ctx context.Context, req *schemav1.UpsertLogFieldRequest) (*schemav1.UpsertResponse, error) {
	return s.upsert(ctx, written{tenant: req.GetTenantId(), key: fieldKey(req.GetField()),
		content: definition.Content{Type: req.GetType(), Description: req.GetDescription()},
		tags:    req.GetTags(), examples: req.GetExamples()})
}

// UpsertService defines a service.
func (s *Server) UpsertService(ctx context.Context, req *schemav1.UpsertServiceRequest) (*schemav1.UpsertResponse, error) {
	return s.upsert(ctx, written{tenant: req.GetTenantId(), key: serviceKey(req.GetService()),
		content: definition.Content{Purpose: req.GetPurpose(), Owner: req.GetOwner()}, tags: req.GetTags()})
}

// UpsertOperation defines an operation of a service that is defined.
func (s *Server) UpsertOperation(ctx context.Context, req *schemav1.UpsertOperationRequest) (*schemav1.UpsertResponse, error) {
	return s.upsert(ctx, written{tenant: req.GetTenantId(), key: operationKey(req.GetService(), req.GetOperation()),
		content: definition.Content{Purpose: req.GetPurpose(), Owner: req.GetOwner()}, tags: req.GetTags()})
}

// written is an upsert of any kind.
type written struct {
	tenant         string
	key            definition.Key
	content        definition.Content
	tags, examples *structpb.Value
	labels         []definition.Change
}

func (s *Server) upsert(ctx context.Context, w written) (*schemav1.UpsertResponse, error) {
	var err error
	if w.content.Tags, err = words("/tags", w.tags); err != nil {
		return nil, err
	}
	if w.content.Examples, err = words("/examples", w.examples); err != nil {
		return nil, err
	}
	out, err := s.registry.Upsert(ctx, w.tenant,
		definition.Change{Key: w.key, Content: w.content, If: condition(ctx)}, w.labels)
	return acknowledge(ctx, out, err)
}

func labels(in []*schemav1.LabelInput) []definition.Change {
	out := make([]definition.Change, 0, len(in))
	for _, l := range in {
		out = append(out, definition.Change{Key: labelKey("", l.GetLabel()),
			Content: definition.Content{Type: l.GetType(), Required: l.GetRequired(),
				AllowedValues: l.GetAllowedValues().AsMap(), Description: l.GetDescription()}})
	}
	return out
}

// DeleteDefinition takes a definition away.
func (s *Server) DeleteDefinition(ctx context.Context, req *schemav1.DeleteDefinitionRequest) (*schemav1.UpsertResponse, error) {
	key, err := keyOf(req)
	if err != nil {
		return nil, err
	}
	out, err := s.registry.Delete(ctx, key, condition(ctx))
	return acknowledge(ctx, out, err)
}

// RestoreVersion makes the content of an old version the newest one again.
func (s *Server) RestoreVersion(ctx context.Context, req *schemav1.VersionRequest) (*schemav1.UpsertResponse, error) {
	key, err := keyOf(req)
	if err != nil {
		return nil, err
	}
	out, err := s.registry.Restore(ctx, key, req.GetVersion(), condition(ctx))
	return acknowledge(ctx, out, err)
}
