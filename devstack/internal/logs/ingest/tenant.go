package ingest

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// Tenant reads the AccountID and ProjectID headers; missing or empty is 0.
func Tenant(h http.Header) (t store.Tenant, err error) {
	if t.Account, err = number(h.Get("AccountID")); err != nil {
		return t, err
	}
	t.Project, err = number(h.Get("ProjectID"))
	return t, err
}

func number(text string) (uint32, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("cannot parse %q as uint32: %w", text, err)
	}
	return uint32(n), nil
}
