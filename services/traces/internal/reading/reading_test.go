package reading

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestMergeKeepsTheNewest in whatever order traces come, each once.
func TestMergeKeepsTheNewest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 5).Draw(t, "limit")
		starts := rapid.MapOf(rapid.IntRange(0, 12), rapid.Int64Range(0, 5)).Draw(t, "starts")
		var all []trace.Raw
		for id, start := range starts {
			all = append(all, trace.Raw{ID: fmt.Sprint("t", id), Start: start})
		}
		newest := func(a, b trace.Raw) int { return cmp.Or(cmp.Compare(b.Start, a.Start), cmp.Compare(a.ID, b.ID)) }
		slices.SortFunc(all, newest)
		m := &merge{limit: limit, room: 1 << 20, known: map[string]bool{}}
		for _, raw := range append(rapid.Permutation(all).Draw(t, "once"), rapid.Permutation(all).Draw(t, "again")...) {
			m.add(raw)
		}
		if want := all[:min(limit, len(all))]; len(want) > 0 && !reflect.DeepEqual(m.list, want) {
			t.Fatalf("got %v, want %v", m.list, want)
		}
	})
}

func TestMergeInBounds(t *testing.T) {
	m := &merge{limit: 10, room: 10, known: map[string]bool{}}
	for i, size := range []int{6, 3, 4, 20} {
		m.add(trace.Raw{ID: fmt.Sprint(i), Start: int64(i), JSON: make([]byte, size)})
	}
	if len(m.list) != 1 || m.list[0].ID != "3" || !m.cut {
		t.Errorf("got %d traces", len(m.list))
	}
}

func TestLine(t *testing.T) {
	l := newLine()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	var leave []func()
	for _, tenant := range []string{"a", "a", "a", "a", "b", "b", "b"} {
		next, err := l.enter(t.Context(), "m", tenant)
		if err != nil {
			t.Fatal(err)
		}
		leave = append(leave, next)
	}
	if _, err := l.enter(gone, "m", "a"); fault.From(err).Code != fault.CodeCanceled {
		t.Errorf("a fifth of a tenant: got %v", err)
	}
	last, err := l.enter(t.Context(), "m", "b")
	if err != nil {
		t.Fatal(err)
	}
	late, stop := context.WithTimeout(t.Context(), time.Millisecond)
	defer stop()
	if _, err := l.enter(late, "m", "c"); fault.From(err).Code != fault.CodeBusy {
		t.Errorf("a ninth of all: got %v", err)
	}
	for _, each := range append(leave, last, last) {
		each()
	}
	if len(l.tenants) != 0 || len(l.all) != 0 {
		t.Errorf("%d tenants and %d places are left", len(l.tenants), len(l.all))
	}
}

func TestFailuresKeepTheirMeaning(t *testing.T) {
	for code, message := range map[fault.Code]string{
		fault.CodeBackendDown: "route", fault.CodeTimeout: "route", fault.CodeInternal: "route", fault.CodeQueryRejected: "route",
		fault.CodeBusy: "own", fault.CodeAccessDenied: "own", fault.CodeNotFound: "own", fault.CodeCanceled: "own",
	} {
		f := fault.From(failed(fault.New(code, "own"), "route"))
		if f.Code != code || f.Message != message {
			t.Errorf("%s: got %v", code, f)
		}
	}
	if f := fault.From(failed(fmt.Errorf("read: %w", trace.ErrBroken), "route")); f.Code != fault.CodeBackendFailed || !away(f) {
		t.Errorf("got %v", f)
	}
	if failed(nil, "route") != nil || away(fault.New(fault.CodeQueryRejected, "x")) {
		t.Error("no failure is one")
	}
}
