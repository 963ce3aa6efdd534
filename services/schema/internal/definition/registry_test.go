package definition

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeStore answers what the test says and keeps what it was told.
type fakeStore struct {
	err     error
	heads   map[Key]Definition
	past    map[int64]Past
	batches []Batch
	view    View
	sel     Selection
	query   Query
	fresh   int
}

func (s *fakeStore) Apply(_ context.Context, b Batch) (Outcome, error) {
	if s.err != nil {
		return Outcome{}, s.err
	}
	s.batches = append(s.batches, b)
	out := Outcome{Epoch: uint64(6 + len(s.batches))}
	for _, c := range b.Changes {
		next, changed := c.On(s.heads[c.Key])
		out.Applied = append(out.Applied, Applied{next, changed})
	}
	return out, nil
}

func (s *fakeStore) Refresh(context.Context) error {
	s.fresh++
	return s.err
}

func (s *fakeStore) Get(_ context.Context, v View, k Key) (Definition, error) {
	s.view = v
	if d := s.heads[k]; d.Live() || s.err != nil {
		return d, s.err
	}
	return Definition{}, ErrNotFound
}

func (s *fakeStore) Versions(_ context.Context, v View, _ Key) ([]Version, error) {
	s.view = v
	var out []Version
	for n := int64(len(s.past)); n > 0; n-- {
		out = append(out, s.past[n].Version)
	}
	return out, s.err
}

func (s *fakeStore) Version(_ context.Context, v View, _ Key, n int64) (Past, error) {
	s.view = v
	if p, ok := s.past[n]; ok || s.err != nil {
		return p, s.err
	}
	return Past{}, ErrNotFound
}

func (s *fakeStore) List(_ context.Context, v View, sel Selection) (Page, error) {
	s.view, s.sel = v, sel
	return Page{}, s.err
}

func (s *fakeStore) Search(_ context.Context, v View, q Query) ([]Hit, error) {
	s.view, s.query = v, q
	return nil, s.err
}

func (s *fakeStore) Lookup(_ context.Context, v View, _ []string) (Found, error) {
	s.view = v
	return Found{Epoch: v.MinEpoch}, s.err
}

var up = Key{Kind: Metric, Name: "up"}

func acme(t *testing.T) context.Context {
	return identity.Into(t.Context(), &identity.Identity{Tenant: "acme", User: "ann"})
}

func code(err error) fault.Code {
	if f := fault.From(err); f != nil {
		return f.Code
	}
	return ""
}

func TestTenantAndAuthorComeFromTheIdentity(t *testing.T) {
	s := &fakeStore{}
	r := NewRegistry(s)
	job := Change{Key: Key{Parent: "elsewhere", Name: "job"}}
	out, err := r.Upsert(acme(t), "acme", Change{Key: up}, []Change{job})
	if err != nil || out.Epoch != 7 || len(s.batches) != 1 {
		t.Fatalf("outcome %+v, %v", out, err)
	}
	b := s.batches[0]
	if b.Tenant != "acme" || b.Author != "ann" || b.Changes[0].Key != up || b.Changes[1].Key != (Key{Label, "up", "job"}) {
		t.Errorf("stored %+v", b)
	}
	if _, err := r.Get(acme(t), up, 9); code(err) != fault.CodeNotFound || s.view != (View{"acme", 9}) {
		t.Errorf("read by %+v, %v", s.view, err)
	}
}

// every operation, as the caller of the context.
func every(r *Registry) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"upsert":   func(ctx context.Context) error { _, err := r.Upsert(ctx, "", Change{Key: up}, nil); return err },
		"bulk":     func(ctx context.Context) error { _, err := r.ApplyAll(ctx, []Change{{Key: up}}); return err },
		"services": func(ctx context.Context) error { _, err := r.Services(ctx, []string{"x"}); return err },
		"delete":   func(ctx context.Context) error { _, err := r.Delete(ctx, up, Condition{}); return err },
		"restore":  func(ctx context.Context) error { _, err := r.Restore(ctx, up, 1, Condition{}); return err },
		"get":      func(ctx context.Context) error { _, err := r.Get(ctx, up, 0); return err },
		"versions": func(ctx context.Context) error { _, err := r.Versions(ctx, up, 0); return err },
		"version":  func(ctx context.Context) error { _, err := r.Version(ctx, up, 1, 0); return err },
		"diff":     func(ctx context.Context) error { _, _, err := r.Diff(ctx, up, 0, 0, 0); return err },
		"list":     func(ctx context.Context) error { _, err := r.List(ctx, Selection{Kind: Metric}, 0); return err },
		"search":   func(ctx context.Context) error { _, err := r.Search(ctx, Query{Text: "x"}, 0); return err },
		"lookup":   func(ctx context.Context) error { _, err := r.Lookup(ctx, nil, 0); return err },
	}
}

func TestWithoutIdentityNothingWorks(t *testing.T) {
	for name, call := range every(NewRegistry(&fakeStore{})) {
		if err := call(t.Context()); code(err) != fault.CodeTenantRequired {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestErrorsOfTheStore(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want fault.Code
	}{
		{fault.New(fault.CodeUnavailable, "away"), fault.CodeUnavailable},
		{context.DeadlineExceeded, fault.CodeTimeout},
		{context.Canceled, fault.CodeCanceled},
		{errors.New("disk on fire"), fault.CodeInternal},
	} {
		for name, call := range every(NewRegistry(&fakeStore{err: tt.err})) {
			err := call(acme(t))
			if code(err) != tt.want || strings.Contains(fault.From(err).Message, "disk") {
				t.Errorf("%s: %v became %v", name, tt.err, err)
			}
		}
	}
}

func TestForeignTenantIsRefused(t *testing.T) {
	s := &fakeStore{}
	for _, tenant := range []string{"acme-corp", "ACME", "acm"} {
		_, err := NewRegistry(s).Upsert(acme(t), tenant, Change{Key: Key{Kind: Metric}}, nil)
		if f := fault.From(err); f == nil || f.Code != fault.CodeTenantForeign || f.Fields[0].Pointer != "/tenantId" {
			t.Errorf("%s: %v", tenant, err)
		}
	}
	if len(s.batches) > 0 {
		t.Errorf("stored %+v", s.batches)
	}
}

func TestOperationsNeedTheirService(t *testing.T) {
	s := &fakeStore{heads: map[Key]Definition{{Kind: Service, Name: "cart"}: {Key: Key{Kind: Service, Name: "cart"}, Version: 1},
		{Kind: Service, Name: "gone"}: {Key: Key{Kind: Service, Name: "gone"}, Version: 2, Deleted: true}}}
	r := NewRegistry(s)
	if _, err := r.Upsert(acme(t), "", Change{Key: Key{Operation, "cart", "add"}}, nil); err != nil || s.fresh != 1 {
		t.Errorf("operation of a service: %v, looked %d times", err, s.fresh)
	}
	for _, service := range []string{"none", "gone", "CART"} {
		_, err := r.Upsert(acme(t), "", Change{Key: Key{Operation, service, "add"}}, nil)
		if f := fault.From(err); f == nil || f.Code != fault.CodeInvalidRequest || f.Fields[0].Pointer != "/service" || f.Message != "invalid payload" {
			t.Errorf("operation of %s: %v", service, err)
		}
	}
	got, err := r.Services(acme(t), []string{"cart", "gone", "none"})
	if err != nil || fmt.Sprint(got) != "map[cart:true gone:false none:false]" || len(s.batches) != 1 {
		t.Errorf("services %v, %v", got, err)
	}
}

func TestDelete(t *testing.T) {
	s := &fakeStore{heads: map[Key]Definition{up: {Key: up, Version: 4}}}
	r := NewRegistry(s)
	only := Condition{Tags: []string{"x"}}
	out, err := r.Delete(acme(t), up, only)
	if err != nil || out.Applied[0].Version != 5 || !out.Applied[0].Deleted || !s.batches[0].Changes[0].Delete || len(s.batches[0].Changes[0].If.Tags) != 1 {
		t.Errorf("outcome %+v, %v", out, err)
	}
	if _, err := r.Delete(acme(t), Key{Kind: Metric, Name: "none"}, Condition{}); code(err) != fault.CodeNotFound {
		t.Errorf("nothing is deleted: %v", err)
	}
}

func TestHistory(t *testing.T) {
	s := &fakeStore{past: map[int64]Past{
		1: {Version{Number: 1}, Content{Description: "one", Owner: "o"}},
		2: {Version{Number: 2}, Content{Description: "two", Owner: "o", Tags: []string{"x"}}},
		3: {Version{Number: 3, Deleted: true}, Content{}},
	}}
	r := NewRegistry(s)
	if out, err := r.Restore(acme(t), up, 1, Condition{Any: true}); err != nil || out.Applied[0].Description != "one" || !s.batches[0].Changes[0].If.Any {
		t.Errorf("restored %+v, %v", out, err)
	}
	for number, want := range map[int64]struct {
		code fault.Code
		text string
	}{3: {fault.CodeInvalidRequest, "invalid version"}, 4: {fault.CodeNotFound, "version not found"}, 0: {fault.CodeInvalidRequest, "invalid version"}} {
		_, err := r.Restore(acme(t), up, number, Condition{})
		if code(err) != want.code || fault.From(err).Message != want.text {
			t.Errorf("restore of %d: %v", number, err)
		}
	}
	for _, tt := range []struct{ from, to, wantFrom, wantTo int64 }{{0, 0, 2, 3}, {1, 0, 1, 3}, {0, 2, 1, 2}, {0, 1, 1, 1}, {3, 1, 3, 1}} {
		a, b, err := r.Diff(acme(t), up, tt.from, tt.to, 0)
		if err != nil || a.Number != tt.wantFrom || b.Number != tt.wantTo {
			t.Errorf("diff of %d and %d compares %d and %d, %v", tt.from, tt.to, a.Number, b.Number, err)
		}
	}
	if _, _, err := NewRegistry(&fakeStore{}).Diff(acme(t), up, 0, 0, 0); code(err) != fault.CodeNotFound {
		t.Errorf("diff of nothing: %v", err)
	}
}

func TestApplyAll(t *testing.T) {
	s := &fakeStore{}
	var changes []Change
	for i := range 500 {
		changes = append(changes, Change{Key: Key{Kind: LogField, Name: fmt.Sprint(i)}, Content: Content{Description: strings.Repeat("x", 4000)}})
	}
	out, err := NewRegistry(s).ApplyAll(acme(t), changes)
	if err != nil || len(out.Applied) != 500 || len(s.batches) < 2 || out.Epoch != uint64(6+len(s.batches)) || out.Changed() != 500 {
		t.Errorf("%d batches, %d outcomes, epoch %d, %v", len(s.batches), len(out.Applied), out.Epoch, err)
	}
	for _, b := range s.batches {
		if b.Check() != nil || b.Author != "ann" || b.Tenant != "acme" {
			t.Errorf("batch of %q by %q: %v", b.Tenant, b.Author, b.Check())
		}
	}
}

func TestBoundsOfReads(t *testing.T) {
	s := &fakeStore{}
	r := NewRegistry(s)
	if _, err := r.List(acme(t), Selection{Kind: Metric}, 3); err != nil || s.sel.Limit != MaxPage || s.view.MinEpoch != 3 {
		t.Errorf("list %+v, %v", s.sel, err)
	}
	if _, err := r.Search(acme(t), Query{Text: "x"}, 0); err != nil || s.query.Limit != 20 {
		t.Errorf("search %+v, %v", s.query, err)
	}
	for field, call := range map[string]func() error{
		"limit":    func() error { _, err := r.List(acme(t), Selection{Limit: MaxPage + 1}, 0); return err },
		"q":        func() error { _, err := r.Search(acme(t), Query{}, 0); return err },
		"kinds":    func() error { _, err := r.Search(acme(t), Query{Text: "x", Kinds: []Kind{"metrics"}}, 0); return err },
		"/metrics": func() error { _, err := r.Lookup(acme(t), make([]string, maxLookup+1), 0); return err },
		"/metric":  func() error { _, err := r.Get(acme(t), Key{Kind: Metric}, 0); return err },
		"/label":   func() error { _, err := r.Versions(acme(t), Key{Kind: Label, Parent: "x"}, 0); return err },
		"/service": func() error { _, err := r.Delete(acme(t), Key{Kind: Operation, Name: "x"}, Condition{}); return err },
		"version":  func() error { _, err := r.Version(acme(t), up, -1, 0); return err },
	} {
		if f := fault.From(call()); f == nil || f.Code != fault.CodeInvalidRequest || f.Fields[0].Pointer != field {
			t.Errorf("%s: %v", field, f)
		}
	}
	if _, err := r.Search(acme(t), Query{Text: strings.Repeat("x", maxText+1), Limit: MaxHits + 1}, 0); len(fault.From(err).Fields) != 2 {
		t.Errorf("everything at once: %v", err)
	}
}
