package vmimport

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// refused is an answer of 400 and above.
type refused struct {
	status int
	text   string
}

func (r *refused) Error() string {
	return fmt.Sprintf("metrics back end answered %d: %.200s", r.status, r.text)
}

// wrongForm says that the endpoint does not know the paths of a cluster.
func wrongForm(err error) bool {
	var r *refused
	if !errors.As(err, &r) {
		return false
	}
	return r.status == http.StatusNotFound ||
		r.status == http.StatusBadRequest && strings.Contains(r.text, "unsupported path")
}
