package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
)

// text is an answer as the gateway writes it, without times.
func text(t *testing.T, m proto.Message, err error) string {
	t.Helper()
	if err != nil {
		return string(fault.From(err).Code) + ": " + fault.From(err).Message
	}
	data, err := protojson.MarshalOptions{EmitUnpopulated: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	out := strings.ReplaceAll(strings.ReplaceAll(string(data), ", ", ","), ": ", ":")
	for _, name := range []string{"updatedAt", "created_at"} {
		parts := strings.Split(out, `"`+name+`":"`)
		for i := range parts[1:] {
			_, parts[i+1], _ = strings.Cut(parts[i+1], `"`)
		}
		out = strings.Join(parts, `"`+name+`":"T"`)
		out = strings.ReplaceAll(out, `"T"`, "T")
	}
	return out
}

const awkward = "a/b:c.d%e é"

// kind is one kind of definition and how it is written.
type kind struct {
	name    string
	key     *schemav1.VersionsRequest
	upsert  func(ctx context.Context, c schemav1.SchemaServiceClient, text string, opts ...grpc.CallOption) error
	get     func(ctx context.Context, c schemav1.SchemaServiceClient, opts ...grpc.CallOption) (proto.Message, error)
	list    func(ctx context.Context, c schemav1.SchemaServiceClient, r *schemav1.ListRequest) (proto.Message, error)
	payload string
}

func kinds(t *testing.T) []kind {
	tags := texts(t, "x", "k=v")
	return []kind{
		{"metric", &schemav1.VersionsRequest{Metric: awkward},
			func(ctx context.Context, c schemav1.SchemaServiceClient, text string, opts ...grpc.CallOption) error {
				_, err := c.UpsertMetric(ctx, &schemav1.UpsertMetricRequest{Metric: awkward, Description: text, Owner: "o", Tags: tags}, opts...)
				return err
			},
			func(ctx context.Context, c schemav1.SchemaServiceClient, opts ...grpc.CallOption) (proto.Message, error) {
				return c.GetMetric(ctx, &schemav1.GetMetricRequest{Metric: awkward}, opts...)
			},
			func(ctx context.Context, c schemav1.SchemaServiceClient, r *schemav1.ListRequest) (proto.Message, error) {
				return c.ListMetrics(ctx, r)
			},
			`{"tenantId":"demo","metric":"a/b:c.d%e é","description":"TEXT","owner":"o","tags":["x","k=v"],"updatedAt":T}`},
		{"label", &schemav1.VersionsRequest{Metric: "up", Label: awkward},
			func(ctx context.Context, c schemav1.SchemaServiceClient, text string, opts ...grpc.CallOption) error {
				_, err := c.UpsertLabel(ctx, &schemav1.UpsertLabelRequest{Metric: "up", Label: awkward, Type: "int", Required: true, Description: text}, opts...)
				return err
			},
			func(ctx context.Context, c schemav1.SchemaServiceClient, opts ...grpc.CallOption) (proto.Message, error) {
				return c.GetLabel(ctx, &schemav1.GetLabelRequest{Metric: "up", Label: awkward}, opts...)
			},
			func(ctx context.Context, c schemav1.SchemaServiceClient, r *schemav1.ListRequest) (proto.Message, error) {
				r.Metric = "up"
				return c.ListLabels(ctx, r)
			},
			`{"tenantId":"demo","metric":"up","label":"a/b:c.d%e é","type":"int","required":true,"allowedValues":{},"description":"TEXT"}`},
		{"field", &schemav1.VersionsRequest{Field: awkward},
			func(ctx context.Context, c schemav1.SchemaServiceClient, text string, opts ...grpc.CallOption) error {
				_, err := c.UpsertLogField(ctx, &schemav1.UpsertLogFieldRequest{Field: awkward, Type: "int", Description: text, Tags: tags, Examples: texts(t, "1")}, opts...)
				return err
			},
			func(ctx context.Context, c schemav1.SchemaServiceClient, opts ...grpc.CallOption) (proto.Message, error) {
				return c.GetLogField(ctx, &schemav1.GetLogFieldRequest{Field: awkward}, opts...)
			},
			func(ctx context.Context, c schemav1.SchemaServiceClient, r *schemav1.ListRequest) (proto.Message, error) {
				return c.ListLogFields(ctx, r)
			},
			`{"tenantId":"demo","field":"a/b:c.d%e é","type":"int","description":"TEXT","tags":["x","k=v"],"examples":["1"],"updatedAt":T}`},
		{"service", &schemav1.VersionsRequest{Service: awkward},
			func(ctx context.Context, c schemav1.SchemaServiceClient, text string, opts ...grpc.CallOption) error {
				_, err := c.UpsertService(ctx, &schemav1.UpsertServiceRequest{Service: awkward, Purpose: text, Owner: "o", Tags: tags}, opts...)
				return err
			},
			func(ctx context.Context, c schemav1.SchemaServiceClient, opts ...grpc.CallOption) (proto.Message, error) {
				return c.GetService(ctx, &schemav1.GetServiceRequest{Service: awkward}, opts...)
			},
			func(ctx context.Context, c schemav1.SchemaServiceClient, r *schemav1.ListRequest) (proto.Message, error) {
				return c.ListServices(ctx, r)
			},
			`{"tenantId":"demo","service":"a/b:c.d%e é","purpose":"TEXT","owner":"o","tags":["x","k=v"],"updatedAt":T}`},
		{"operation", &schemav1.VersionsRequest{Service: "base", Operation: awkward},
			func(ctx context.Context, c schemav1.SchemaServiceClient, text string, opts ...grpc.CallOption) error {
				_, err := c.UpsertOperation(ctx, &schemav1.UpsertOperationRequest{Service: "base", Operation: awkward, Purpose: text, Owner: "o", Tags: tags}, opts...)
				return err
			},
			func(ctx context.Context, c schemav1.SchemaServiceClient, opts ...grpc.CallOption) (proto.Message, error) {
				return c.GetOperation(ctx, &schemav1.GetOperationRequest{Service: "base", Operation: awkward}, opts...)
			},
			func(ctx context.Context, c schemav1.SchemaServiceClient, r *schemav1.ListRequest) (proto.Message, error) {
				r.Service = "base"
				return c.ListOperations(ctx, r)
			},
			`{"tenantId":"demo","service":"base","operation":"a/b:c.d%e é","purpose":"TEXT","owner":"o","tags":["x","k=v"],"updatedAt":T}`},
	}
}

func (k kind) version(n int64) *schemav1.VersionRequest {
	return &schemav1.VersionRequest{Metric: k.key.Metric, Label: k.key.Label, Field: k.key.Field, Service: k.key.Service, Operation: k.key.Operation, Version: n}
}

func (k kind) body(text string) string { return strings.Replace(k.payload, "TEXT", text, 1) }

// object is the body as a free object has it: its members in order.
func (k kind) object(t *testing.T, text string) string {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(strings.Replace(k.body(text), ":T", `:"T"`, 1)), &members); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Replace(string(data), `"T"`, "T", 1)
}

// TestLifeOfADefinition goes through every route of every kind.
func TestLifeOfADefinition(t *testing.T) {
	s := start(t)
	s.upsert(t, "demo", &schemav1.UpsertMetricRequest{Metric: "up"})
	ctx, c := s.writer(t, "demo"), s.client
	if _, err := c.UpsertService(ctx, &schemav1.UpsertServiceRequest{Service: "base"}); err != nil {
		t.Fatal(err)
	}
	for _, k := range kinds(t) {
		t.Run(k.name, func(t *testing.T) { s.live(ctx, t, k) })
	}
}

func (s *system) live(ctx context.Context, t *testing.T, k kind) {
	c := s.client
	want := func(what string, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	m, err := k.get(ctx, c)
	want("before", text(t, m, err), "not_found: not found")
	var header metadata.MD
	for _, words := range []string{"one", "one", "two"} {
		if err := k.upsert(ctx, c, words, grpc.Header(&header)); err != nil {
			t.Fatal(err)
		}
	}
	tag := strings.Join(header.Get(rpc.KeyETag), " ")
	m, err = k.get(ctx, c, grpc.Header(&header))
	want("get", text(t, m, err), k.body("two"))
	if got := strings.Join(header.Get(rpc.KeyETag), " "); got != tag || !strings.HasPrefix(tag, "2-") {
		t.Errorf("tag %q of the get, %q of the upsert", got, tag)
	}
	m, err = k.get(s.writer(t, "other"), c)
	want("of another tenant", text(t, m, err), "not_found: not found")

	v, err := c.GetVersion(ctx, k.version(1))
	want("version 1", text(t, v, err), `{"version":1,"author":"ann","created_at":T,"payload":`+k.object(t, "one")+`}`)
	v, err = c.GetVersion(ctx, k.version(9))
	want("version 9", text(t, v, err), "not_found: version not found")
	v, err = c.GetVersion(ctx, k.version(0))
	want("version 0", text(t, v, err), "invalid_request: invalid version")

	stale := metadata.AppendToOutgoingContext(ctx, rpc.KeyIfMatch, `"1-000000000000"`)
	if err := k.upsert(stale, c, "three"); fault.From(err).Code != fault.CodePrecondition {
		t.Errorf("stale upsert: %v", err)
	}
	del := &schemav1.DeleteDefinitionRequest{Metric: k.key.Metric, Label: k.key.Label, Field: k.key.Field, Service: k.key.Service, Operation: k.key.Operation}
	_, err = c.DeleteDefinition(stale, del)
	want("stale delete", text(t, nil, err), "precondition_failed: definition has changed")
	ok, err := c.DeleteDefinition(metadata.AppendToOutgoingContext(ctx, rpc.KeyIfMatch, `"`+tag+`"`), del)
	want("delete", text(t, ok, err), `{"status":"ok"}`)
	_, err = c.DeleteDefinition(ctx, del)
	want("delete again", text(t, nil, err), "not_found: not found")
	m, err = k.get(ctx, c)
	want("after it was deleted", text(t, m, err), "not_found: not found")
	v, err = c.GetVersion(ctx, k.version(3))
	want("deleted version", text(t, v, err), `{"version":3,"author":"ann","created_at":T,"payload":null,"deleted":true}`)
	_, err = c.RestoreVersion(ctx, k.version(3))
	want("restore of nothing", text(t, nil, err), "invalid_request: invalid version")
	ok, err = c.RestoreVersion(ctx, k.version(1))
	want("restore", text(t, ok, err), `{"status":"ok"}`)
	m, err = k.get(ctx, c)
	want("restored", text(t, m, err), k.body("one"))

	list, err := c.ListVersions(ctx, k.key)
	want("versions", text(t, list, err), `{"versions":[{"version":4,"author":"ann","created_at":T},`+
		`{"version":3,"author":"ann","created_at":T,"deleted":true},{"version":2,"author":"ann","created_at":T},{"version":1,"author":"ann","created_at":T}]}`)
	diff, err := c.CompareVersions(ctx, &schemav1.CompareRequest{Metric: k.key.Metric, Label: k.key.Label, Field: k.key.Field,
		Service: k.key.Service, Operation: k.key.Operation, From: 1, To: 2})
	field := "description"
	if k.key.Service != "" {
		field = "purpose"
	}
	want("diff", text(t, diff, err), `{"from":1,"to":2,"changes":[{"field":"`+field+`","from":"one","to":"two"}]}`)
	m, err = k.list(ctx, c, &schemav1.ListRequest{Prefix: "a/b"})
	if got := text(t, m, err); !strings.HasSuffix(got, ":["+k.body("one")+"]}") {
		t.Errorf("list: %s", got)
	}
	found, err := c.SearchDefinitions(ctx, &schemav1.SearchDefinitionsRequest{Q: awkward, Kinds: []string{"metric, label,log_field", "service,operation"}})
	if got := text(t, found, err); !strings.Contains(got, `"definition":`+k.object(t, "one")) {
		t.Errorf("search: %s", got)
	}
}

func TestListsHavePages(t *testing.T) {
	s := start(t)
	ctx := s.writer(t, "demo")
	s.upsert(t, "demo", &schemav1.UpsertMetricRequest{Metric: "m00", Tags: texts(t, "even")})
	for i := range 25 {
		var tags = texts(t)
		if i%2 == 0 {
			tags = texts(t, "even")
		}
		if _, err := s.client.UpsertMetric(ctx, &schemav1.UpsertMetricRequest{Metric: fmt.Sprintf("m%02d", i), Tags: tags}); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	req := &schemav1.ListRequest{Tag: "even", Limit: 5, Prefix: "m"}
	for {
		p, err := s.client.ListMetrics(ctx, req)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range p.GetMetrics() {
			names = append(names, m.GetMetric())
		}
		if p.NextCursor == nil {
			break
		}
		req.Cursor = p.GetNextCursor()
	}
	if got := strings.Join(names, " "); got != "m00 m02 m04 m06 m08 m10 m12 m14 m16 m18 m20 m22 m24" {
		t.Errorf("listed %s", got)
	}
	for name, r := range map[string]*schemav1.ListRequest{
		"limit": {Limit: 1001}, "no cursor": {Cursor: "*"}, "cursor of nothing": {Cursor: "e30"},
	} {
		if _, err := s.client.ListMetrics(ctx, r); fault.From(err).Code != fault.CodeInvalidRequest {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.client.ListServices(ctx, &schemav1.ListRequest{Cursor: req.Cursor}); fault.From(err).Code != fault.CodeInvalidRequest {
		t.Errorf("a cursor of another list: %v", err)
	}
}

// Services that are away are named part by part; the report itself is given.
func TestDriftWithoutOtherServices(t *testing.T) {
	s := start(t)
	s.upsert(t, "demo", &schemav1.UpsertMetricRequest{Metric: "up"})
	r, err := s.client.GetDrift(s.writer(t, "demo"), &schemav1.GetDriftRequest{Start: "now-1h", Limit: 5})
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]*schemav1.DriftPart{"metrics": r.Metrics, "labels": r.Labels, "log fields": r.LogFields,
		"services": r.Services, "operations": r.Operations} {
		if p.GetUnreadable() == "" || p.GetSeen()+p.GetDefined() != 0 || strings.Contains(p.GetUnreadable(), "127.0.0.1") {
			t.Errorf("%s: %v", name, p)
		}
	}
	for name, r := range map[string]*schemav1.GetDriftRequest{
		"start": {Start: "yesterday"}, "end": {End: "x"}, "limit": {Limit: 1001}, "order": {Start: "now", End: "now-1h"},
	} {
		if _, err := s.client.GetDrift(s.writer(t, "demo"), r); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
