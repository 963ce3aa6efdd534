package upload

import (
	"context"
	"fmt"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/services/schema/internal/bulk"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// Registry is where definitions are kept; definition.Registry is one.
type Registry interface {
	Services(ctx context.Context, names []string) (map[string]bool, error)
	ApplyAll(ctx context.Context, changes []definition.Change) (definition.Outcome, error)
}

const (
	// maxNamed rows are named in a fault, which travels in a header.
	maxNamed = 100
	// atOnce files are kept in memory.
	atOnce = 4
)

// Request is one file.
type Request struct {
	Kind bulk.Kind
	// ContentType that the client declared.
	ContentType string
	Data        []byte
	// DryRun checks the file and stores nothing; it does not count.
	DryRun bool
	// AllOrNothing refuses the file when one of its rows is refused.
	AllOrNothing bool
}

// Result of a file that was accepted.
type Result struct {
	// Plan that was carried out; its Refused rows were not stored.
	Plan *bulk.Plan
	// Changed counts the new versions.
	Changed int
	// Epoch of the tenant that includes them; 0 when nothing was stored.
	Epoch uint64
}

// Uploads stores files for the tenant of the caller's identity.
type Uploads struct {
	registry Registry
	quota    *Quota
	limits   bulk.Limits
	slots    chan struct{}
}

// New returns uploads into a registry.
func New(r Registry, q *Quota, l bulk.Limits) *Uploads {
	return &Uploads{r, q, l, make(chan struct{}, atOnce)}
}

// Enter waits for room for one more file, as long as the context lasts. A file
// should be received only then.
func (u *Uploads) Enter(ctx context.Context) (leave func(), err error) {
	select {
	case u.slots <- struct{}{}:
		return func() { <-u.slots }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for other uploads: %w", ctx.Err())
	}
}

// Quota of the uploads.
func (u *Uploads) Quota() *Quota { return u.quota }

// Limits of a file.
func (u *Uploads) Limits() bulk.Limits { return u.limits }

// Upload checks a whole file before it stores the first row. A fault of kind
// 4xx means that nothing was stored, and the file does not count against the
// quota. When storing breaks in the middle, the same file again completes it.
func (u *Uploads) Upload(ctx context.Context, r Request) (Result, error) {
	id, err := identity.Require(ctx)
	if err != nil {
		return Result{}, err
	}
	giveBack := func() {}
	if !r.DryRun {
		if giveBack, err = u.quota.Reserve(ctx, r.Kind, id.Tenant); err != nil {
			return Result{}, err
		}
	}
	p, err := u.plan(ctx, r, id.Tenant)
	if err != nil {
		giveBack()
		return Result{}, err
	}
	if r.DryRun {
		return Result{Plan: p}, nil
	}
	out, err := u.registry.ApplyAll(ctx, p.Changes)
	if err != nil {
		if len(out.Applied) == 0 {
			giveBack()
		}
		return Result{}, broken(err, len(out.Applied), len(p.Changes))
	}
	return Result{Plan: p, Changed: out.Changed(), Epoch: out.Epoch}, nil
}

// plan is the whole check of a file.
func (u *Uploads) plan(ctx context.Context, r Request, tenant string) (*bulk.Plan, error) {
	p, err := bulk.Parse(bulk.File{Kind: r.Kind, ContentType: r.ContentType, Data: r.Data, Tenant: tenant}, u.limits)
	if err != nil {
		return nil, err
	}
	defined, err := u.registry.Services(ctx, p.Parents())
	if err != nil {
		return nil, err
	}
	p.Keep(defined)
	if r.AllOrNothing && len(p.Refused) > 0 {
		return nil, incomplete(p.Refused)
	}
	return p, nil
}

// incomplete refuses a file of which every row was wanted.
func incomplete(refused []bulk.Refusal) error {
	rows := make([]any, 0, min(maxNamed, len(refused)))
	for _, r := range refused[:min(maxNamed, len(refused))] {
		rows = append(rows, map[string]any{"line": float64(r.Line), "column": r.Column, "reason": r.Reason})
	}
	return fault.New(fault.CodeInvalidRequest, "rows refused").
		WithDetail("%d rows cannot be stored, the first: %s", len(refused), refused[0]).
		WithExtra("refused", float64(len(refused))).WithExtra("rows", rows)
}

// broken says how far storing came.
func broken(err error, stored, all int) error {
	if stored == 0 {
		return fmt.Errorf("store a file: %w", err)
	}
	f := fault.From(err)
	return f.WithDetail("%d of %d definitions were stored; send the same file again for the rest. %s", stored, all, f.Detail)
}
