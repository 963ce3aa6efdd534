package execution

import (
	"context"
	"io"
	"strings"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/services/query/internal/cost"
	"github.com/platformbuilds/mirador-core/services/query/internal/metricsql"
	"github.com/platformbuilds/mirador-core/services/query/internal/relay"
)

// Explanation says what a query would do.
type Explanation struct {
	// Query that was checked.
	Query *metricsql.Query
	// Points of each series; 1 for an instant query.
	Points float64
	// MaxPoints that the tenant may ask for.
	MaxPoints int
	// Refusal of the cost guard, nil when the query may run.
	Refusal *fault.Error
}

// Explain checks a query, with a range unless start, end and step are empty,
// without asking the back end.
func (s *Service) Explain(ctx context.Context, c Call, r Range) (Explanation, error) {
	j, err := s.begin(ctx, c, badInstant, failedInstant)
	if err != nil {
		return Explanation{}, err
	}
	q, err := s.check(j, r.Query)
	if err != nil {
		return Explanation{}, err
	}
	limits := s.Limits(j.id.Tenant)
	e := Explanation{Query: q.query, Points: 1, MaxPoints: limits.Points}
	if r.Start == "" && r.End == "" && r.Step == "" {
		return e, nil
	}
	from, to, every, err := s.span(c, r)
	if err != nil {
		return Explanation{}, rename(err, badInstant)
	}
	asked := cost.Range{Start: from.at, End: to.at, Step: every}
	err = limits.CheckRange(badInstant, asked)
	if f := fault.From(err); f != nil && f.Code != fault.CodeQueryTooExpensive {
		return Explanation{}, place(err, c.In)
	}
	e.Points, e.Refusal = asked.Points(), fault.From(err)
	return e, nil
}

// Verdict checks a query strictly. The error is a fault of the request, the
// parse error a fault of the query.
func (s *Service) Verdict(ctx context.Context, c Call, query string) (*metricsql.ParseError, error) {
	if err := s.text(ctx, c, query); err != nil {
		return nil, err
	}
	_, err := metricsql.CheckStrict(query)
	return metricsql.AsParseError(err), nil
}

// Format prints a query for people.
func (s *Service) Format(ctx context.Context, c Call, query string) (string, error) {
	if err := s.text(ctx, c, query); err != nil {
		return "", err
	}
	text, err := metricsql.Format(query)
	if err != nil {
		return "", misread(err, c.In+"query")
	}
	return text, nil
}

func (s *Service) text(ctx context.Context, c Call, query string) error {
	id, err := identity.Require(ctx)
	if err != nil {
		return err
	}
	return rename(s.Limits(id.Tenant).CheckText(badInstant, c.In+"query", query), badInstant)
}

// Say answers with fixed JSON in Prometheus' shape.
func (s *Service) Say(ctx context.Context, c Call, data string) error {
	body := io.MultiReader(strings.NewReader(`{"status":"success","data":`), strings.NewReader(data), strings.NewReader("}"))
	_, err := s.Relay.Copy(ctx, c.To, body, relay.Job{Finish: plain, Message: failedInstant})
	return err
}
