package execution

import (
	"context"
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/query/internal/metricsql"
	"github.com/platformbuilds/mirador-core/services/query/internal/read"
	"github.com/platformbuilds/mirador-core/services/query/internal/relay"
	"github.com/platformbuilds/mirador-core/services/query/internal/splice"
)

// Select narrows a listing, as the client wrote it.
type Select struct {
	Match      []string
	Start, End string
	Limit      uint32
}

// The contract's messages of listings.
const (
	needMatch    = "At least one match[] parameter is required"
	needLabel    = "Label name is required"
	badListing   = "Invalid request"
	failedSeries = "Failed to retrieve series"
	failedLabels = "Failed to retrieve labels"
	failedValues = "Failed to retrieve label values"
	failedNames  = "Failed to retrieve metric names"
)

// nameLabel holds the names of metrics.
const nameLabel = "__name__"

// Series lists label sets.
func (s *Service) Series(ctx context.Context, c Call, sel Select) error {
	if len(sel.Match) == 0 {
		return fault.New(fault.CodeInvalidRequest, needMatch).WithField("match[]", "is required")
	}
	return s.list(ctx, c, sel, "series", failedSeries, func(n read.Select) read.Request { return read.Series{Select: n} })
}

// Labels lists label names.
func (s *Service) Labels(ctx context.Context, c Call, sel Select) error {
	return s.list(ctx, c, sel, "labels", failedLabels, func(n read.Select) read.Request { return read.Labels{Select: n} })
}

// LabelValues lists the values of a label.
func (s *Service) LabelValues(ctx context.Context, c Call, label string, sel Select) error {
	if strings.TrimSpace(label) == "" {
		return fault.New(fault.CodeInvalidRequest, needLabel).WithField("name", "is required")
	}
	return s.list(ctx, c, sel, "values."+label, failedValues, func(n read.Select) read.Request {
		return read.LabelValues{Label: label, Select: n}
	})
}

// MetricNames lists names of metrics with their number.
func (s *Service) MetricNames(ctx context.Context, c Call, sel Select) error {
	j, err := s.listing(ctx, c, sel, "names", failedNames, func(n read.Select) read.Request {
		return read.LabelValues{Label: nameLabel, Select: n}
	})
	if err != nil {
		return err
	}
	j.dataBegin = []byte(`{"names":`)
	j.tail = func(_ context.Context, facts splice.Facts) (relay.Tail, error) {
		end := strconv.AppendInt([]byte(`,"total":`), int64(facts.Elements), 10)
		return relay.Tail{DataEnd: append(end, '}')}, nil
	}
	return s.run(ctx, j)
}

func (s *Service) list(ctx context.Context, c Call, sel Select, route, message string, of func(read.Select) read.Request) error {
	j, err := s.listing(ctx, c, sel, route, message, of)
	if err != nil {
		return err
	}
	return s.run(ctx, j)
}

// listing prepares a job; of makes the request of the checked selection.
func (s *Service) listing(ctx context.Context, c Call, sel Select, route, message string, of func(read.Select) read.Request) (job, error) {
	j, err := s.begin(ctx, c, badListing, message)
	if err != nil {
		return job{}, err
	}
	if err := s.checkMatches(j, sel.Match); err != nil {
		return job{}, err
	}
	from, to, err := s.window(badListing, c, j.id.Tenant, sel.Start, sel.End)
	if err != nil {
		return job{}, err
	}
	limit := int(sel.Limit)
	if most := s.Limits(j.id.Tenant).Series; most > 0 && (limit == 0 || limit > most) {
		// One more than is relayed, so that the relay sees that there are more.
		limit = most + 1
	}
	j.route = routeName(route, c)
	j.params = append([]string{sel.Start, sel.End, strconv.Itoa(limit), c.Timeout}, sel.Match...)
	j.request = of(read.Select{Match: sel.Match, Start: from.text, End: to.text, Limit: limit})
	j.ttl = s.ttl(to.moves || from.moves && sel.Start != "", to.at, 0)
	j.tail = plain
	return j, nil
}

// checkMatches reads the selectors; together they count as one query text.
func (s *Service) checkMatches(j job, list []string) error {
	limits, total := s.Limits(j.id.Tenant), 0
	for _, text := range list {
		total += len(text)
		if err := limits.CheckText(badListing, "match[]", text); err != nil {
			return rename(err, badListing)
		}
		if _, err := metricsql.Check(text); err != nil {
			return misread(err, "match[]")
		}
	}
	if limits.Text > 0 && total > limits.Text {
		return fault.New(fault.CodeQueryTooLong, badListing).
			WithField("match[]", "have %d bytes together, at most %d are allowed", total, limits.Text)
	}
	return nil
}
