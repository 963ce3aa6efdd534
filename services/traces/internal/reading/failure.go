package reading

import (
	"errors"
	"slices"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/traces/internal/splice"
	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

// The contract's messages, and ours where it has none.
const (
	notFound        = "Trace not found"
	badSearch       = "Invalid trace search request"
	badMap          = "Invalid service map request"
	needService     = "Service name is required"
	failedTrace     = "Trace query failed"
	failedSearch    = "Trace search failed"
	failedServices  = "Failed to retrieve services"
	failedOperation = "Failed to retrieve operations"
	failedMap       = "Service map failed"
)

// unknown is the fault of a trace that the caller cannot see; it may exist
// elsewhere.
func unknown(id string) error {
	return fault.New(fault.CodeNotFound, notFound).WithField("traceId", "there is no trace %s within the retention of the back end", id)
}

// failed is the fault of an answer that could not be had, under the message of
// its route. What is the caller's affair keeps its own.
func failed(err error, message string) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, splice.ErrBroken) || errors.Is(err, trace.ErrBroken) {
		return fault.New(fault.CodeBackendFailed, message).
			WithDetail("the back end's answer is incomplete or not valid").Wrap(err)
	}
	f := *fault.From(err)
	own := []fault.Code{fault.CodeBusy, fault.CodeAccessDenied, fault.CodeInvalidRequest, fault.CodeInvalidTime, fault.CodeNotFound, fault.CodeCanceled}
	if !slices.Contains(own, f.Code) {
		f.Message = message
	}
	return &f
}

// away tells that the back end cannot be had, and so that an empty answer marked
// as such may stand in.
func away(err error) bool {
	return slices.Contains([]fault.Code{fault.CodeBackendDown, fault.CodeBackendFailed, fault.CodeTimeout}, fault.From(err).Code)
}
