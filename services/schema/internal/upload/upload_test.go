package upload_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/services/schema/internal/bulk"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
	"github.com/platformbuilds/mirador-core/services/schema/internal/upload"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// registry keeps what was applied.
type registry struct {
	mu      sync.Mutex
	defined map[string]bool
	applied []definition.Change
	fail    error
	// before an error so many changes are stored.
	before int
}

func (r *registry) Services(_ context.Context, names []string) (map[string]bool, error) {
	return r.defined, nil
}

func (r *registry) ApplyAll(_ context.Context, changes []definition.Change) (definition.Outcome, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		return definition.Outcome{Applied: make([]definition.Applied, r.before)}, r.fail
	}
	r.applied = append(r.applied, changes...)
	out := definition.Outcome{Epoch: 7}
	for range changes {
		out.Applied = append(out.Applied, definition.Applied{Changed: true})
	}
	return out, nil
}

// away is a Valkey that cannot be reached.
type away struct{ *cache.Memory }

func (away) Take(context.Context, string, int64, int64, time.Duration) (cache.Taken, error) {
	return cache.Taken{}, cache.ErrAway
}

type world struct {
	registry *registry
	uploads  *upload.Uploads
	now      time.Time
}

func (w *world) clock() time.Time { return w.now }

func newWorld(perDay int, shared func(now func() time.Time) cache.Store) *world {
	w := &world{registry: &registry{defined: map[string]bool{"checkout": true}}, now: time.Date(2026, 3, 1, 22, 30, 0, 0, time.UTC)}
	w.uploads = upload.New(w.registry, upload.NewQuota(shared(w.clock), perDay, w.clock), bulk.Limits{Bytes: 1000})
	return w
}

func memory(now func() time.Time) cache.Store { return cache.NewMemory(now) }
func outage(now func() time.Time) cache.Store { return away{cache.NewMemory(now)} }

func as(t *testing.T, tenant string) context.Context {
	return identity.Into(t.Context(), &identity.Identity{Tenant: tenant, User: "ann"})
}

func services(text string) upload.Request {
	return upload.Request{Kind: bulk.Services, ContentType: "text/csv", Data: []byte(text)}
}

func TestUpload(t *testing.T) {
	w := newWorld(20, memory)
	r, err := w.uploads.Upload(as(t, "acme"), services("service\na\n\"b\nc\"\nd\n"))
	if err != nil || r.Changed != 2 || r.Epoch != 7 || len(r.Plan.Refused) != 1 || len(w.registry.applied) != 2 {
		t.Errorf("result %+v, %v; stored %v", r, err, w.registry.applied)
	}
	if left := w.uploads.Quota().Left(t.Context(), bulk.Services, "acme"); left != 19 {
		t.Errorf("%d left", left)
	}
}

func TestNothingIsStored(t *testing.T) {
	operations := func(text string) upload.Request {
		return upload.Request{Kind: bulk.Operations, Data: []byte(text), AllOrNothing: true}
	}
	dry, whole := services("service\na\n"), services("service\na\n\"b\nc\"\n")
	dry.DryRun, whole.AllOrNothing = true, true
	tests := []struct {
		name    string
		request upload.Request
		want    fault.Code
		message string
	}{
		{"dry run", dry, "", ""},
		{"one row refused, all wanted", whole, fault.CodeInvalidRequest, "rows refused"},
		{"service not defined, all wanted", operations("service,operation\ncheckout,a\nnone,b\n"), fault.CodeInvalidRequest, "rows refused"},
		{"too large", services("service\n" + strings.Repeat("a\n", 600)), fault.CodeInvalidRequest, "invalid multipart form or file too large"},
		{"foreign", services("service,tenant_id\na,globex\n"), fault.CodeTenantForeign, "Access denied: foreign tenant"},
		{"unknown kind", upload.Request{Kind: "labels"}, fault.CodeInvalidRequest, "Invalid request"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(1, memory)
			_, err := w.uploads.Upload(as(t, "acme"), tt.request)
			if f := fault.From(err); f != nil && (f.Code != tt.want || f.Message != tt.message) || f == nil && tt.want != "" {
				t.Errorf("fault %v", f)
			}
			if len(w.registry.applied) > 0 {
				t.Errorf("stored %v", w.registry.applied)
			}
			if left := w.uploads.Quota().Left(t.Context(), tt.request.Kind, "acme"); left != 1 {
				t.Errorf("%d left", left)
			}
		})
	}
}

func TestRefusedRowsOfAFault(t *testing.T) {
	w := newWorld(1, memory)
	r := services("service,purpose\n" + strings.Repeat(",x\n", 120))
	r.AllOrNothing = true
	_, err := w.uploads.Upload(as(t, "acme"), r)
	f := fault.From(err)
	rows, _ := f.Extra["rows"].([]any)
	if len(rows) != 100 || f.Extra["refused"] != 120.0 || !strings.Contains(f.Detail, "line 2: service must not be empty") {
		t.Fatalf("fault %+v", f)
	}
	if row, _ := rows[1].(map[string]any); row["line"] != 3.0 || row["column"] != "service" || row["reason"] != "must not be empty" {
		t.Errorf("row %v", row)
	}
}

func TestQuota(t *testing.T) {
	for name, shared := range map[string]func(func() time.Time) cache.Store{"shared": memory, "local": outage} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(2, shared)
			for range 2 {
				if _, err := w.uploads.Upload(as(t, "acme"), services("service\na\n")); err != nil {
					t.Fatal(err)
				}
			}
			_, err := w.uploads.Upload(as(t, "acme"), services("service\na\n"))
			f := fault.From(err)
			if f == nil || f.Kind() != fault.Limited || f.Message != "bulk upload quota exceeded" ||
				f.RetryAfter != 90*time.Minute || f.Extra["reset"] != "2026-03-02T00:00:00Z" {
				t.Fatalf("third upload: %+v", f)
			}
			if _, err := w.uploads.Upload(as(t, "acme-corp"), services("service\na\n")); err != nil {
				t.Errorf("another tenant: %v", err)
			}
			if _, err := w.uploads.Upload(as(t, "acme"), upload.Request{Kind: bulk.LogFields, Data: []byte("field\na\n")}); err != nil {
				t.Errorf("another kind: %v", err)
			}
			w.now = w.now.Add(90 * time.Minute)
			if _, err := w.uploads.Upload(as(t, "acme"), services("service\na\n")); err != nil {
				t.Errorf("the next day: %v", err)
			}
		})
	}
}

// Uploads side by side never exceed the quota together.
func TestQuotaOfManyAtOnce(t *testing.T) {
	w := newWorld(5, memory)
	var wg sync.WaitGroup
	errs := make([]error, 40)
	for i := range errs {
		wg.Go(func() { _, errs[i] = w.uploads.Upload(as(t, "acme"), services("service\na\n")) })
	}
	wg.Wait()
	refused := slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if len(refused) != 35 || len(w.registry.applied) != 5 {
		t.Errorf("%d refused, %d stored", len(refused), len(w.registry.applied))
	}
}

func TestStoreBreaks(t *testing.T) {
	w := newWorld(2, memory)
	w.registry.fail = fault.New(fault.CodeUnavailable, "upsert failed").WithRetryAfter(time.Second)
	_, err := w.uploads.Upload(as(t, "acme"), services("service\na\nb\n"))
	if f := fault.From(err); f.Code != fault.CodeUnavailable || w.uploads.Quota().Left(t.Context(), bulk.Services, "acme") != 2 {
		t.Errorf("nothing stored: %v", err)
	}
	w.registry.before = 1
	_, err = w.uploads.Upload(as(t, "acme"), services("service\na\nb\n"))
	if f := fault.From(err); f.Code != fault.CodeUnavailable || f.RetryAfter == 0 || !strings.Contains(f.Detail, "1 of 2") {
		t.Errorf("half stored: %v", err)
	}
	if left := w.uploads.Quota().Left(t.Context(), bulk.Services, "acme"); left != 1 {
		t.Errorf("%d left", left)
	}
}

func TestEnter(t *testing.T) {
	w := newWorld(1, memory)
	var leave func()
	for range 4 {
		var err error
		if leave, err = w.uploads.Enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.uploads.Enter(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a fifth file: %v", err)
	}
	leave()
	if _, err := w.uploads.Enter(t.Context()); err != nil {
		t.Errorf("after one left: %v", err)
	}
}
