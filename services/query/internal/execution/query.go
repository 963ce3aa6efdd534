package execution

import (
	"context"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/query/internal/cost"
	"github.com/platformbuilds/mirador-core/services/query/internal/read"
)

// The contract's messages.
const (
	badInstant    = "Invalid query request format"
	badRange      = "Invalid range query request"
	failedInstant = "Query execution failed"
	failedRange   = "Range query execution failed"
)

// The values of query_type in metrics.
const (
	instantKind = "metricsql"
	rangeKind   = "metricsql_range"
)

// Instant is a query at one time, as the client wrote it.
type Instant struct {
	Query, Time, Step string
	Definitions       Definitions
}

// Range is a query at every step between two times, as the client wrote it.
type Range struct {
	Query, Start, End, Step string
	Definitions             Definitions
}

// Instant answers the query.
func (s *Service) Instant(ctx context.Context, c Call, r Instant) error {
	j, err := s.begin(ctx, c, badInstant, failedInstant)
	if err != nil {
		return err
	}
	q, err := s.check(j, r.Query)
	if err != nil {
		return err
	}
	at, err := s.moment(badInstant, c.In+"time", r.Time, s.Now())
	if err != nil {
		return err
	}
	if r.Step != "" {
		if _, err := step(badInstant, c.In+"step", r.Step); err != nil {
			return err
		}
	}
	j.kind, j.route, j.query = instantKind, routeName("instant", c), q.canonical
	j.params = append([]string{r.Time, r.Step, c.Timeout}, r.Definitions.params()...)
	j.request = read.Instant{Query: r.Query, Time: at.text, Step: r.Step}
	j.ttl = s.ttl(at.moves || q.moving, at.at, 0)
	j.tail = s.queryTail(j, q, r.Definitions, s.instantMetadata())
	return s.run(ctx, j)
}

// Range answers the query.
func (s *Service) Range(ctx context.Context, c Call, r Range) error {
	j, err := s.begin(ctx, c, badRange, failedRange)
	if err != nil {
		return err
	}
	q, err := s.check(j, r.Query)
	if err != nil {
		return err
	}
	from, to, every, err := s.span(c, r)
	if err != nil {
		return err
	}
	asked := cost.Range{Start: from.at, End: to.at, Step: every}
	if err := s.Limits(j.id.Tenant).CheckRange(badRange, asked); err != nil {
		return place(err, c.In)
	}
	j.kind, j.route, j.query = rangeKind, routeName("range", c), q.canonical
	j.params = append([]string{r.Start, r.End, r.Step, c.Timeout}, r.Definitions.params()...)
	j.request = read.Range{Query: r.Query, Start: from.text, End: to.text, Step: r.Step}
	j.ttl = s.ttl(from.moves || to.moves || q.moving, to.at, every)
	j.tail = s.queryTail(j, q, r.Definitions, s.rangeMetadata(r))
	return s.run(ctx, j)
}

// check reads the query text.
func (s *Service) check(j job, words string) (*text, error) {
	field := j.call.In + "query"
	if err := s.Limits(j.id.Tenant).CheckText(j.bad, field, words); err != nil {
		return nil, rename(err, j.bad)
	}
	q, err := s.texts.read(j.id.Tenant, words)
	if err != nil {
		return nil, misread(err, field)
	}
	return q, nil
}

// span reads start, end and step, all of which are required.
func (s *Service) span(c Call, r Range) (from, to moment, every time.Duration, err error) {
	missing := fault.New(fault.CodeInvalidRequest, badRange)
	for _, p := range [][2]string{{"start", r.Start}, {"end", r.End}, {"step", r.Step}} {
		if p[1] == "" {
			missing = missing.WithField(c.In+p[0], "is required")
		}
	}
	if len(missing.Fields) > 0 {
		return from, to, 0, rename(missing, badRange)
	}
	now := s.Now()
	if from, err = s.moment(badRange, c.In+"start", r.Start, now); err != nil {
		return from, to, 0, err
	}
	if to, err = s.moment(badRange, c.In+"end", r.End, now); err != nil {
		return from, to, 0, err
	}
	every, err = step(badRange, c.In+"step", r.Step)
	return from, to, every, err
}

// place names fields the way the call does.
func place(err error, in string) error {
	f := *fault.From(err)
	f.Fields = nil
	for _, field := range fault.From(err).Fields {
		field.Pointer = in + trimSlash(field.Pointer)
		f.Fields = append(f.Fields, field)
	}
	return rename(&f, f.Message)
}

func trimSlash(s string) string {
	if s != "" && s[0] == '/' {
		return s[1:]
	}
	return s
}

func routeName(name string, c Call) string {
	if c.Plain {
		return "prometheus." + name
	}
	return name
}
