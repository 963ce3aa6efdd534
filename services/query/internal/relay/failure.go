package relay

import (
	"context"
	"errors"
	"slices"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/query/internal/splice"
)

// fault of an answer that the scanner refused.
func (c *copier) fault(err error) error {
	var refused *splice.StatusError
	if errors.As(err, &refused) && callersFault(refused.Type) {
		return fault.New(fault.CodeQueryRejected, c.message()).WithDetail("%s", refused.Message).Wrap(err)
	}
	return fault.New(fault.CodeBackendFailed, c.message()).
		WithDetail("the back end's answer is incomplete or not valid").Wrap(err)
}

// callersFault tells the error types of Prometheus and VictoriaMetrics that
// blame the query.
func callersFault(kind string) bool {
	return slices.Contains([]string{"400", "422", "bad_data", "execution"}, kind)
}

// readFault is what ended the back end's body early: our own deadline, the
// client, a fault that the upstream pool knows, or the back end.
func (c *copier) readFault(ctx context.Context, err error) error {
	var known *fault.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fault.New(fault.CodeTimeout, c.message()).WithDetail("stage: reading the back end's answer").Wrap(err)
	case ctx.Err() != nil:
		return fault.New(fault.CodeCanceled, c.message()).Wrap(err)
	}
	return fault.New(fault.CodeBackendFailed, c.message()).
		WithDetail("the back end broke off its answer").Wrap(err)
}

func (c *copier) tooMany(limit int) error {
	return fault.New(fault.CodeQueryTooExpensive, c.message()).
		WithDetail("the answer has more than %d series or entries, the most that this server returns", limit).
		WithExtra("max_series", float64(limit)).
		WithSuggestion("narrow the selector, or aggregate with sum() or topk()")
}

func (c *copier) message() string {
	if c.job.Message == "" {
		return "Query execution failed"
	}
	return c.job.Message
}
