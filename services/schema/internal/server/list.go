package server

import (
	"context"
	"encoding/base64"
	"encoding/json"

	"google.golang.org/protobuf/proto"

	"github.com/platformbuilds/mirador-core/libs/fault"
	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// defaultPage is how many definitions a list gives when it is not told.
const defaultPage = 100

// ListMetrics lists metrics by name.
func (s *Server) ListMetrics(ctx context.Context, req *schemav1.ListRequest) (*schemav1.ListMetricsResponse, error) {
	out := &schemav1.ListMetricsResponse{}
	next, err := s.page(ctx, definition.Metric, "", req, func(tenant string, d definition.Definition) error {
		out.Metrics = append(out.Metrics, encodeMetric(tenant, d))
		return nil
	})
	out.NextCursor = next
	return out, err
}

// ListLabels lists the labels of a metric by name.
func (s *Server) ListLabels(ctx context.Context, req *schemav1.ListRequest) (*schemav1.ListLabelsResponse, error) {
	out := &schemav1.ListLabelsResponse{}
	next, err := s.page(ctx, definition.Label, req.GetMetric(), req, func(tenant string, d definition.Definition) error {
		l, err := encodeLabel(tenant, d)
		out.Labels = append(out.Labels, l)
		return err
	})
	out.NextCursor = next
	return out, err
}

// ListLogFields lists log fields by name.
func (s *Server) ListLogFields(ctx context.Context, req *schemav1.ListRequest) (*schemav1.ListLogFieldsResponse, error) {
	out := &schemav1.ListLogFieldsResponse{}
	next, err := s.page(ctx, definition.LogField, "", req, func(tenant string, d definition.Definition) error {
		out.Fields = append(out.Fields, encodeLogField(tenant, d))
		return nil
	})
	out.NextCursor = next
	return out, err
}

// ListServices lists services by name.
func (s *Server) ListServices(ctx context.Context, req *schemav1.ListRequest) (*schemav1.ListServicesResponse, error) {
	out := &schemav1.ListServicesResponse{}
	next, err := s.page(ctx, definition.Service, "", req, func(tenant string, d definition.Definition) error {
		out.Services = append(out.Services, encodeService(tenant, d))
		return nil
	})
	out.NextCursor = next
	return out, err
}

// ListOperations lists the operations of a service by name.
func (s *Server) ListOperations(ctx context.Context, req *schemav1.ListRequest) (*schemav1.ListOperationsResponse, error) {
	out := &schemav1.ListOperationsResponse{}
	next, err := s.page(ctx, definition.Operation, req.GetService(), req, func(tenant string, d definition.Definition) error {
		out.Operations = append(out.Operations, encodeOperation(tenant, d))
		return nil
	})
	out.NextCursor = next
	return out, err
}

// page adds each definition and gives the cursor of the next page, if any.
func (s *Server) page(ctx context.Context, kind definition.Kind, parent string, req *schemav1.ListRequest,
	add func(tenant string, d definition.Definition) error) (next *string, err error) {
	sel := definition.Selection{Kind: kind, Parent: parent, Prefix: req.GetPrefix(), Tag: req.GetTag(), Limit: defaultPage}
	if req.GetLimit() > 0 {
		sel.Limit = int(req.GetLimit())
	}
	if sel.After, err = readCursor(kind, parent, req.GetCursor()); err != nil {
		return nil, err
	}
	p, err := s.registry.List(ctx, sel, minEpoch(ctx))
	if err != nil {
		return nil, err
	}
	for _, d := range p.Definitions {
		if err := add(tenantOf(ctx), d); err != nil {
			return nil, err
		}
	}
	if !p.More {
		return nil, nil
	}
	return proto.String(cursor(p.Definitions[len(p.Definitions)-1].Key)), nil
}

// cursor is the last key of a page; clients must not look inside.
func cursor(k definition.Key) string {
	data, _ := json.Marshal([]string{string(k.Kind), k.Parent, k.Name}) // texts always are JSON
	return base64.RawURLEncoding.EncodeToString(data)
}

func readCursor(kind definition.Kind, parent, text string) (*definition.Key, error) {
	if text == "" {
		return nil, nil
	}
	var parts []string
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(data, &parts)
	}
	if err != nil || len(parts) != 3 || parts[0] != string(kind) || parts[1] != parent {
		return nil, fault.New(fault.CodeInvalidRequest, "invalid list request").
			WithField("cursor", "must be the next_cursor of the page before")
	}
	return &definition.Key{Kind: kind, Parent: parent, Name: parts[2]}, nil
}
