package execution

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/services/query/internal/definitions"
	"github.com/platformbuilds/mirador-core/services/query/internal/metricsql"
	"github.com/platformbuilds/mirador-core/services/query/internal/read"
)

const failedMetadata = "Failed to retrieve metric metadata"

const (
	// maxDescribed bounds the metrics whose metadata is put together here.
	maxDescribed = 1000
	// maxNames bounds the list of names that is read for it, in bytes.
	maxNames = 16 << 20
)

// Metadata lists type, help and unit by metric. Where the back end would show
// it across tenants, it is put together from metric names and definitions.
func (s *Service) Metadata(ctx context.Context, c Call, metric string, limit uint32) error {
	j, err := s.begin(ctx, c, badListing, failedMetadata)
	if err != nil {
		return err
	}
	j.route, j.params = routeName("metadata", c), []string{metric, fmt.Sprint(limit), c.Timeout}
	j.ttl, j.tail = s.ttl(true, s.Now(), 0), plain
	j.request = read.Metadata{Metric: metric, Limit: int(limit)}
	described := *s
	described.Backend = describing{s, j}
	return described.run(ctx, j)
}

// describing is a Backend that answers metadata where the real one does not.
type describing struct {
	service *Service
	job     job
}

// Read implements Backend.
func (d describing) Read(ctx context.Context, id *identity.Identity, r read.Request) (io.ReadCloser, error) {
	body, err := d.service.Backend.Read(ctx, id, r)
	asked, ok := r.(read.Metadata)
	if !ok || !errors.Is(err, read.ErrUnfiltered) {
		return body, err
	}
	names, err := d.names(ctx, id, asked)
	if err != nil {
		return nil, err
	}
	// Without the schema service the names are still worth having.
	known, err := d.service.Book.Describe(ctx, id.Tenant, d.job.epoch, names)
	if ctx.Err() != nil {
		return nil, err
	}
	return io.NopCloser(bytes.NewReader(appendMetadata(nil, names, known))), nil
}

// names of the caller's metrics, sorted.
func (d describing) names(ctx context.Context, id *identity.Identity, asked read.Metadata) ([]string, error) {
	values := read.LabelValues{Label: nameLabel}
	if asked.Metric != "" {
		values.Match = []string{metricsql.NameSelector(asked.Metric)}
	}
	body, err := d.service.Backend.Read(ctx, id, values)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	list, err := readNames(body, failedMetadata)
	if err != nil {
		return nil, err
	}
	slices.Sort(list)
	most := maxDescribed
	if asked.Limit > 0 {
		most = min(most, asked.Limit)
	}
	return list[:min(len(list), most)], nil
}

// appendMetadata writes an answer in Prometheus' shape.
func appendMetadata(dst []byte, names []string, known map[string]definitions.Known) []byte {
	dst = append(dst, `{"status":"success","data":{`...)
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		help := ""
		if m := known[name].Metric; m != nil {
			help = m.Description
		}
		dst = append(appendText(dst, name), `:[{"type":"`+guessType(name)+`","help":`...)
		dst = append(appendText(dst, help), `,"unit":""}]`...)
	}
	return append(dst, `}}`...)
}

// guessType follows the naming rules of Prometheus; nothing else is known.
func guessType(name string) string {
	if strings.HasSuffix(name, "_total") {
		return "counter"
	}
	return "unknown"
}
