// Package seen asks the query, logs and traces services which names they know,
// with the rights of the caller.
package seen

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/rpc"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	queryv1 "github.com/platformbuilds/mirador-core/proto/gen/query/v1"
	tracesv1 "github.com/platformbuilds/mirador-core/proto/gen/traces/v1"
	"github.com/platformbuilds/mirador-core/services/schema/internal/drift"
)

const (
	// maxNames of one list are asked for; the logs service gives no more than
	// 10,000 names of fields.
	maxNames = 10_000
	// timeout of one question.
	timeout = 10 * time.Second
	// nameLabel holds the name of a metric among its labels.
	nameLabel = "__name__"
)

// Client implements drift.Seen.
type Client struct {
	query  queryv1.QueryServiceClient
	logs   logsv1.LogsServiceClient
	traces tracesv1.TracesServiceClient
}

// New returns a client on connections that pass on the caller's identity.
func New(query, logs, traces grpc.ClientConnInterface) *Client {
	return &Client{queryv1.NewQueryServiceClient(query), logsv1.NewLogsServiceClient(logs), tracesv1.NewTracesServiceClient(traces)}
}

// Metrics lists names of metrics; see drift.Seen.
func (c *Client) Metrics(ctx context.Context, w drift.Window) (drift.Names, error) {
	return list(ctx, func(ctx context.Context) (bodies, error) { return c.query.MetricNames(ctx, inside(w)) },
		func(data struct {
			Names []string `json:"names"`
		}) []string {
			return data.Names
		})
}

// Labels lists the label keys of a metric; see drift.Seen.
func (c *Client) Labels(ctx context.Context, w drift.Window, metric string) (drift.Names, error) {
	n, err := list(ctx, func(ctx context.Context) (bodies, error) { return c.query.Labels(ctx, of(w, metric)) }, plain)
	n.List = slices.DeleteFunc(n.List, func(name string) bool { return name == nameLabel })
	return n, err
}

// Values lists the values of a label; see drift.Seen.
func (c *Client) Values(ctx context.Context, w drift.Window, metric, label string) (drift.Names, error) {
	return list(ctx, func(ctx context.Context) (bodies, error) {
		return c.query.LabelValues(ctx, &queryv1.LabelValuesRequest{Label: label, Select: of(w, metric)})
	}, plain)
}

// LogFields lists names of fields; see drift.Seen.
func (c *Client) LogFields(ctx context.Context, w drift.Window) (drift.Names, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var header metadata.MD
	res, err := c.logs.Fields(ctx, &logsv1.SelectRequest{Start: text(w.Start), End: text(w.End), Limit: maxNames}, grpc.Header(&header))
	if err != nil {
		return drift.Names{}, fmt.Errorf("ask for log fields: %w", err)
	}
	if len(header.Get(rpc.KeyDegraded)) > 0 {
		return drift.Names{}, degraded()
	}
	return bounded(res.GetData().GetFields(), false), nil
}

// Services lists services; see drift.Seen.
func (c *Client) Services(ctx context.Context) (drift.Names, error) {
	return list(ctx, func(ctx context.Context) (bodies, error) { return c.traces.Services(ctx, &tracesv1.ServicesRequest{}) }, plain)
}

// Operations lists the operations of a service; see drift.Seen.
func (c *Client) Operations(ctx context.Context, service string) (drift.Names, error) {
	return list(ctx, func(ctx context.Context) (bodies, error) {
		return c.traces.Operations(ctx, &tracesv1.OperationsRequest{Service: service})
	}, plain)
}

func plain(data []string) []string { return data }

func inside(w drift.Window) *queryv1.SelectRequest {
	return &queryv1.SelectRequest{Start: text(w.Start), End: text(w.End), Limit: maxNames}
}

// of narrows to the series of one metric, whatever its name holds.
func of(w drift.Window, metric string) *queryv1.SelectRequest {
	r := inside(w)
	r.Match = []string{"{" + nameLabel + "=" + strconv.Quote(metric) + "}"}
	return r
}

func text(t time.Time) string { return t.UTC().Format(time.RFC3339) }
