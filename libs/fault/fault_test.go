package fault

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStatusRoundTrip(t *testing.T) {
	in := New(CodeQueryTooExpensive, "Query too expensive").
		WithDetail("%d points", 20000).
		WithField("/step", "must be at least %s", "2m").
		WithSuggestion("use step=2m").
		WithRetryAfter(2*time.Second).
		WithExtra("required_roles", []any{"admin"}).
		Wrap(errors.New("secret address 10.0.0.1"))
	out := From(status.FromProto(in.GRPCStatus().Proto()).Err())
	in.cause = nil
	out.cause = nil
	if !reflect.DeepEqual(in, out) {
		t.Errorf("restored\n%#v\nwant\n%#v", out, in)
	}
}

func TestCauseStaysBehind(t *testing.T) {
	e := New(CodeInternal, "Internal error").Wrap(errors.New("10.0.0.1 refused"))
	if got := e.GRPCStatus().Message(); got != "Internal error" {
		t.Errorf("public message %q tells the cause", got)
	}
	if len(e.GRPCStatus().Details()) != 1 {
		t.Errorf("details %v", e.GRPCStatus().Details())
	}
}

func TestFrom(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want Code
	}{
		{"fault", fmt.Errorf("read: %w", New(CodeNotFound, "Not found")), CodeNotFound},
		{"deadline", fmt.Errorf("call: %w", context.DeadlineExceeded), CodeTimeout},
		{"canceled", context.Canceled, CodeCanceled},
		{"transport", status.Error(codes.Unavailable, "connection refused"), CodeUnavailable},
		{"plain", errors.New("boom"), CodeInternal},
		{"unknown code", status.Error(codes.DataLoss, "x"), CodeInternal},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := From(tt.err).Code; got != tt.want {
				t.Errorf("code %q, want %q", got, tt.want)
			}
		})
	}
	if From(nil) != nil {
		t.Error("From(nil) is not nil")
	}
}

func TestCatalogIsWhole(t *testing.T) {
	seen := map[Code]bool{}
	for _, e := range Catalog() {
		if seen[e.Code] {
			t.Errorf("code %q stands twice", e.Code)
		}
		seen[e.Code] = true
		if e.Title == "" || e.Cause == "" || e.Cure == "" {
			t.Errorf("code %q lacks a text", e.Code)
		}
		if e.Kind.HTTPStatus() < 400 {
			t.Errorf("code %q has status %d", e.Code, e.Kind.HTTPStatus())
		}
	}
	if got := Code("never_heard_of").Entry().Code; got != CodeInternal {
		t.Errorf("unknown code maps to %q", got)
	}
}
