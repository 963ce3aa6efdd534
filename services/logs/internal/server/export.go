package server

import (
	"fmt"
	"math"

	"github.com/platformbuilds/mirador-core/libs/fault"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	"github.com/platformbuilds/mirador-core/services/logs/internal/encode"
	"github.com/platformbuilds/mirador-core/services/logs/internal/export"
	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
	"github.com/platformbuilds/mirador-core/services/logs/internal/victorialogs"
	"github.com/platformbuilds/mirador-core/services/logs/internal/window"
)

var exportTexts = texts{bad: "Invalid export request format", failed: "Log export failed"}

// Export implements logsv1.LogsServiceServer. It may last as long as its caller
// waits, and ends with it.
func (s *Server) Export(in *logsv1.ExportRequest, to stream) error {
	c, err := s.begin(to.Context(), exportTexts, "")
	if err != nil {
		return err
	}
	defer c.end()
	q, job, err := c.export(in)
	if err != nil {
		return err
	}
	if job.Format.Tabular() {
		if job.Fields, err = c.exportColumns(q); err != nil {
			return c.failure(err)
		}
	}
	rows, err := s.Backend.Query(to.Context(), q)
	if err != nil {
		return c.failure(err)
	}
	defer func() { _ = rows.Close() }()
	return c.failure(export.Run(rows, job, to))
}

// export reads the request.
func (c *call) export(in *logsv1.ExportRequest) (q victorialogs.Query, job export.Job, err error) {
	if in.GetQuery() == "" {
		return q, job, fault.New(fault.CodeInvalidRequest, c.bad).WithField("/query", "is required")
	}
	checked, err := c.check(in.GetQuery())
	if err != nil {
		return q, job, err
	}
	if job, err = c.exportFormat(in.GetFormat()); err != nil {
		return q, job, err
	}
	w, err := c.window(in.GetStart(), in.GetEnd(), window.Rules{Prefix: "/"})
	if err != nil {
		return q, job, err
	}
	limit := in.GetLimit()
	if !(limit >= 0 && limit <= math.MaxInt32) || limit != math.Trunc(limit) {
		return q, job, fault.New(fault.CodeInvalidRequest, c.bad).WithField("/limit", "must be a whole number of rows, or 0 for all")
	}
	return victorialogs.Query{Text: checked.Text, Asked: in.GetQuery(), Start: w.Start, End: w.End, Limit: int(limit)}, job, nil
}

func (c *call) exportFormat(name string) (export.Job, error) {
	if name == "" {
		name = string(encode.JSON)
	}
	f, ok := encode.ParseFormat(name)
	if !ok {
		return export.Job{}, fault.New(fault.CodeInvalidRequest, c.bad).WithField("/format", "must be json, ndjson, csv or parquet")
	}
	return export.Job{Format: f, Filename: fmt.Sprintf("logs-%d.%s", c.began.Unix(), f)}, nil
}

// exportColumns are those of all rows; without rows there is a header all the
// same.
func (c *call) exportColumns(q victorialogs.Query) ([]string, error) {
	names, err := c.columns(c.ctx, q)
	if len(names) == 0 {
		names = []string{row.Message, row.Time}
	}
	return names, err
}
