package execution

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/services/query/internal/definitions"
	"github.com/platformbuilds/mirador-core/services/query/internal/metricsql"
	"github.com/platformbuilds/mirador-core/services/query/internal/read"
	"github.com/platformbuilds/mirador-core/services/query/internal/relay"
	"github.com/platformbuilds/mirador-core/services/query/internal/splice"
)

const (
	needService   = "Service name is required"
	failedService = "Failed to retrieve metrics of the service"
	// serviceWindow is how far back a service is looked for.
	serviceWindow = time.Hour
)

// serviceLabels are the labels that name a service, by the customs of this
// product, of OpenTelemetry and of Prometheus.
func serviceLabels() []string { return []string{"service", "service_name", "job"} }

// ServiceMetrics lists the metrics that have series of a service, with what is
// known of them, and where its logs and traces are.
func (s *Service) ServiceMetrics(ctx context.Context, c Call, service string, sel Select) error {
	if strings.TrimSpace(service) == "" {
		return fault.New(fault.CodeInvalidRequest, needService).WithField("service", "is required")
	}
	for _, label := range serviceLabels() {
		sel.Match = append(sel.Match, metricsql.LabelSelector(label, service))
	}
	if sel.Start == "" {
		sel.Start = s.before(sel.End, serviceWindow)
	}
	j, err := s.listing(ctx, c, sel, "service", failedService, func(n read.Select) read.Request {
		return read.LabelValues{Label: nameLabel, Select: n}
	})
	if err != nil {
		return err
	}
	j.dataBegin = append(appendText([]byte(`{"service":`), service), `,"metrics":`...)
	j.tail = func(_ context.Context, facts splice.Facts) (relay.Tail, error) {
		return relay.Tail{DataEnd: serviceEnd(service, facts.Elements)}, nil
	}
	described := *s
	described.Backend = detailing{s, j}
	return described.run(ctx, j)
}

// before is a time as long before end as d; an end that cannot be read is
// refused later.
func (s *Service) before(end string, d time.Duration) string {
	to, err := s.moment(badListing, "end", end, s.Now())
	if err != nil || end == "" {
		return "now-" + d.String()
	}
	return to.at.Add(-d).UTC().Format(time.RFC3339Nano)
}

// serviceEnd closes data and leads on.
func serviceEnd(service string, total int) []byte {
	path := "/api/v1/services/" + url.PathEscape(service)
	b := strconv.AppendInt([]byte(`,"total":`), int64(total), 10)
	b = appendText(append(b, `},"links":{"logs":`...), path+"/logs")
	return append(appendText(append(b, `,"traces":`...), path+"/traces"), '}')
}

// detailing is a Backend that turns a list of names into one of metrics.
type detailing struct {
	service *Service
	job     job
}

// Read implements Backend.
func (d detailing) Read(ctx context.Context, id *identity.Identity, r read.Request) (io.ReadCloser, error) {
	body, err := d.service.Backend.Read(ctx, id, r)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	names, err := readNames(body, failedService)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	// Without the schema service the names are still worth having.
	known, err := d.service.Book.Describe(ctx, id.Tenant, d.job.epoch, names[:min(len(names), maxDescribed)])
	if ctx.Err() != nil {
		return nil, err
	}
	return io.NopCloser(bytes.NewReader(appendMetrics(nil, names, known))), nil
}

// readNames reads a list of names in Prometheus' shape.
func readNames(body io.Reader, message string) ([]string, error) {
	var list struct{ Data []string }
	if err := json.NewDecoder(io.LimitReader(body, maxNames)).Decode(&list); err != nil {
		return nil, fault.New(fault.CodeBackendFailed, message).Wrap(fmt.Errorf("read metric names: %w", err))
	}
	return list.Data, nil
}

// appendMetrics writes the list; type and help stand there when known.
func appendMetrics(dst []byte, names []string, known map[string]definitions.Known) []byte {
	dst = append(dst, `{"status":"success","data":[`...)
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(append(dst, `{"name":`...), name)
		if kind := guessType(name); kind != "unknown" {
			dst = appendText(append(dst, `,"type":`...), kind)
		}
		if m := known[name].Metric; m != nil && m.Description != "" {
			dst = appendText(append(dst, `,"help":`...), m.Description)
		}
		dst = append(dst, '}')
	}
	return append(dst, `]}`...)
}
