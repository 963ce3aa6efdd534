package client

import (
	"strings"
	"testing"
)

// WantProblem fails the test unless the answer is a whole problem document of
// that status and code, with a page behind its type.
func (a *Answer) WantProblem(t *testing.T, status int, code string) *Answer {
	t.Helper()
	a.Want(t, status)
	if ct := a.Header.Get("Content-Type"); !strings.HasPrefix(ct, "application/problem+json") {
		t.Errorf("content type %q is not a problem: %.300s", ct, a.Body)
	}
	for _, member := range []string{"type", "title", "status", "code", "request_id", "error"} {
		if v := a.At(member); v == nil || v == "" {
			t.Errorf("problem lacks %q: %s", member, a.Body)
		}
	}
	if got := a.At("status"); got != float64(status) {
		t.Errorf("member status is %v, want %d", got, status)
	}
	if got := a.At("code"); code != "" && got != code {
		t.Errorf("code %v, want %q: %s", got, code, a.Body)
	}
	if a.Header.Get("X-Request-Id") == "" {
		t.Error("no X-Request-ID header")
	}
	return a
}

// NamesField fails the test unless one of the problem's errors points to the
// field.
func (a *Answer) NamesField(t *testing.T, field string) *Answer {
	t.Helper()
	errors, _ := a.At("errors").([]any)
	for _, e := range errors {
		m, _ := e.(map[string]any)
		if pointer, _ := m["pointer"].(string); strings.Trim(pointer, "/") == field {
			return a
		}
	}
	t.Errorf("no error points to %q: %s", field, a.Body)
	return a
}
