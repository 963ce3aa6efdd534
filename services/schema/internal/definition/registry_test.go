package definition

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeStore answers what the test says and keeps what it was told.
type fakeStore struct {
	Store
	err error
	got Change
}

func (s *fakeStore) Put(_ context.Context, c Change) (uint64, error) {
	s.got = c
	return 7, s.err
}

func (s *fakeStore) Metric(_ context.Context, tenant, name string, _ uint64) (Metric, error) {
	return Metric{Name: tenant + "/" + name}, s.err
}

func (s *fakeStore) Label(_ context.Context, tenant string, k Key, _ uint64) (Label, error) {
	return Label{Name: tenant + "/" + k.Metric + "/" + k.Label}, s.err
}

func (s *fakeStore) Lookup(_ context.Context, tenant string, _ []string, minEpoch uint64) (Found, error) {
	return Found{Metrics: []Metric{{Name: tenant}}, Epoch: minEpoch}, s.err
}

func acme(t *testing.T) context.Context {
	return identity.Into(t.Context(), &identity.Identity{Tenant: "acme", User: "ann"})
}

func TestTenantAndAuthorComeFromTheIdentity(t *testing.T) {
	s := &fakeStore{}
	r := NewRegistry(s)
	epoch, err := r.UpsertMetric(acme(t), "acme", Metric{Name: "up"}, []Label{{Name: "job", Metric: "elsewhere"}})
	if err != nil || epoch != 7 || s.got.Tenant != "acme" || s.got.Author != "ann" || s.got.Labels[0].Metric != "up" {
		t.Errorf("stored %+v, %d, %v", s.got, epoch, err)
	}
	if _, err := r.UpsertLabel(acme(t), "", Label{Metric: "up", Name: "job"}); err != nil || s.got.Metric != nil || len(s.got.Labels) != 1 {
		t.Errorf("stored %+v, %v", s.got, err)
	}
	if tenant, m, err := r.Metric(acme(t), "up", 0); err != nil || tenant != "acme" || m.Name != "acme/up" {
		t.Errorf("metric %q %+v, %v", tenant, m, err)
	}
	if _, l, err := r.Label(acme(t), Key{"up", "job"}, 0); err != nil || l.Name != "acme/up/job" {
		t.Errorf("label %+v, %v", l, err)
	}
	if _, f, err := r.Lookup(acme(t), []string{"up"}, 9); err != nil || f.Metrics[0].Name != "acme" || f.Epoch != 9 {
		t.Errorf("lookup %+v, %v", f, err)
	}
}

func TestWithoutIdentityNothingWorks(t *testing.T) {
	r := NewRegistry(&fakeStore{})
	for name, call := range map[string]func(context.Context) error{
		"upsert metric": func(ctx context.Context) error {
			_, err := r.UpsertMetric(ctx, "acme", Metric{Name: "up"}, nil)
			return err
		},
		"upsert label": func(ctx context.Context) error {
			_, err := r.UpsertLabel(ctx, "", Label{Metric: "up", Name: "x"})
			return err
		},
		"metric": func(ctx context.Context) error { _, _, err := r.Metric(ctx, "up", 0); return err },
		"label":  func(ctx context.Context) error { _, _, err := r.Label(ctx, Key{"up", "x"}, 0); return err },
		"lookup": func(ctx context.Context) error { _, _, err := r.Lookup(ctx, nil, 0); return err },
	} {
		if f := fault.From(call(t.Context())); f == nil || f.Code != fault.CodeTenantRequired {
			t.Errorf("%s: %v", name, f)
		}
	}
}

func TestForeignTenantIsRefused(t *testing.T) {
	s := &fakeStore{}
	r := NewRegistry(s)
	_, err := r.UpsertMetric(acme(t), "acme-corp", Metric{}, nil)
	_, labelErr := r.UpsertLabel(acme(t), "ACME", Label{})
	for _, err := range []error{err, labelErr} {
		if f := fault.From(err); f == nil || f.Code != fault.CodeTenantForeign || f.Fields[0].Pointer != "/tenantId" {
			t.Errorf("foreign tenant: %v", err)
		}
	}
	if s.got.Tenant != "" {
		t.Errorf("stored %+v", s.got)
	}
}

func TestFaultyMembersAreNamed(t *testing.T) {
	long := strings.Repeat("x", 5000)
	tags := make([]string, maxTags+1)
	tests := []struct {
		name   string
		metric Metric
		labels []Label
		want   string
	}{
		{"no name", Metric{}, nil, "/metric"},
		{"blank name", Metric{Name: " \t"}, nil, "/metric"},
		{"long name", Metric{Name: strings.Repeat("x", 513)}, nil, "/metric"},
		{"control character", Metric{Name: "a\x00b"}, nil, "/metric"},
		{"delete character", Metric{Name: "a\x7fb"}, nil, "/metric"},
		{"line break in a name", Metric{Name: "a\nb"}, nil, "/metric"},
		{"no UTF-8", Metric{Name: "a\xff"}, nil, "/metric"},
		{"everything at once", Metric{Description: long, Owner: long, Tags: []string{"ok", long}}, nil, "/metric /description /owner /tags/1"},
		{"too many tags", Metric{Name: "up", Tags: tags}, nil, "/tags"},
		{"control character in a description", Metric{Name: "up", Description: "a\x1b[31m"}, nil, "/description"},
		{"label", Metric{Name: "up"}, []Label{{Name: "ok"}, {Type: long, Description: long}}, "/labels/1/label /labels/1/type /labels/1/description"},
		{"label twice", Metric{Name: "up"}, []Label{{Name: "a"}, {Name: "a"}}, "/labels/1/label"},
		{"too many labels", Metric{Name: "up"}, make([]Label, maxLabels+1), "/labels"},
		{"large object", Metric{Name: "up"}, []Label{{Name: "a", AllowedValues: map[string]any{"x": strings.Repeat(long, 4)}}}, "/labels/0/allowedValues"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := &fakeStore{}
			_, err := NewRegistry(s).UpsertMetric(acme(t), "", tt.metric, tt.labels)
			var f *fault.Error
			if !errors.As(err, &f) || f.Code != fault.CodeInvalidRequest || f.Message != "invalid payload" {
				t.Fatalf("error %v", err)
			}
			var got []string
			for _, field := range f.Fields {
				got = append(got, field.Pointer)
			}
			if strings.Join(got, " ") != tt.want || s.got.Tenant != "" {
				t.Errorf("named %v, want %s; stored %+v", got, tt.want, s.got)
			}
		})
	}
}

func TestFreeTextsPass(t *testing.T) {
	m := Metric{Name: "größe/寸:%.x", Description: "two\nlines\tand tabs", Owner: "team é", Tags: []string{"a=b", ""}}
	if _, err := NewRegistry(&fakeStore{}).UpsertMetric(acme(t), "", m, []Label{{Name: "a b"}}); err != nil {
		t.Error(err)
	}
}

func TestReadsRefuseEmptyNames(t *testing.T) {
	r := NewRegistry(&fakeStore{})
	_, _, err := r.Metric(acme(t), "", 0)
	_, _, labelErr := r.Label(acme(t), Key{}, 0)
	_, _, lookupErr := r.Lookup(acme(t), make([]string, maxLookup+1), 0)
	_, upsertErr := r.UpsertLabel(acme(t), "", Label{})
	for _, err := range []error{err, labelErr, lookupErr, upsertErr} {
		if f := fault.From(err); f == nil || f.Code != fault.CodeInvalidRequest {
			t.Errorf("error %v", err)
		}
	}
}

func TestErrorsOfTheStore(t *testing.T) {
	tests := []struct {
		err  error
		want fault.Code
	}{
		{ErrNotFound, fault.CodeNotFound},
		{fault.New(fault.CodeUnavailable, "away"), fault.CodeUnavailable},
		{context.DeadlineExceeded, fault.CodeTimeout},
		{context.Canceled, fault.CodeCanceled},
		{errors.New("disk on fire"), fault.CodeInternal},
	}
	for _, tt := range tests {
		r := NewRegistry(&fakeStore{err: tt.err})
		_, _, err := r.Metric(acme(t), "up", 0)
		if f := fault.From(err); f.Code != tt.want || strings.Contains(f.Message, "disk") {
			t.Errorf("%v became %v", tt.err, f)
		}
		if _, err := r.UpsertMetric(acme(t), "", Metric{Name: "up"}, nil); fault.From(err).Code != tt.want {
			t.Errorf("%v became %v", tt.err, err)
		}
	}
}

func TestSame(t *testing.T) {
	a := Label{Metric: "m", Name: "l", AllowedValues: map[string]any{"v": []any{"x"}}}
	b := a
	b.AllowedValues = map[string]any{"v": []any{"x"}}
	b.Version = 5
	if !a.Same(b) {
		t.Error("equal labels differ")
	}
	b.AllowedValues = map[string]any{"v": []any{"y"}}
	if a.Same(b) || (Metric{Name: "a", Tags: []string{"x"}}).Same(Metric{Name: "a"}) {
		t.Error("different definitions are the same")
	}
	if !(Label{}).Same(Label{AllowedValues: map[string]any{}}) || !(Metric{}).Same(Metric{Tags: []string{}}) {
		t.Error("empty and absent differ")
	}
}
