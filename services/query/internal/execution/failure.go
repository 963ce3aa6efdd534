package execution

import (
	"errors"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/query/internal/metricsql"
)

// rename gives a fault the contract's message of the route.
func rename(err error, message string) error {
	if err == nil {
		return nil
	}
	f := *fault.From(err)
	f.Message = message
	if f.Detail == "" && len(f.Fields) > 0 {
		f.Detail = f.Fields[0].Pointer + ": " + f.Fields[0].Detail
	}
	return &f
}

const invalidQuery = "Invalid MetricsQL query: "

// failed is the fault of an answer that could not be had. What is wrong with
// the query itself is said in the message, as clients know it.
func failed(err error, message string) error {
	f := fault.From(err)
	switch f.Code {
	case fault.CodeQueryInvalid:
		refused := *f
		refused.Detail = "the metrics back end cannot read the query"
		return rename(&refused, invalidQuery+f.Detail)
	case fault.CodeBusy, fault.CodeAccessDenied, fault.CodeTenantRequired, fault.CodeInvalidRequest, fault.CodeCanceled:
		return err
	}
	return rename(err, message)
}

// waited names the stage when the time ran out before the back end was asked.
func waited(err error) error {
	f := *fault.From(err)
	if f.Code == fault.CodeTimeout && f.Detail == "" {
		f.Detail = "the same query, asked by another caller, did not finish in time"
	}
	return &f
}

// misread is the fault of a query that cannot be parsed; field names it.
func misread(err error, field string) error {
	var p *metricsql.ParseError
	if !errors.As(err, &p) {
		return fault.New(fault.CodeQueryTooExpensive, invalidQuery+err.Error()).WithField(field, "%s", err.Error())
	}
	f := fault.New(fault.CodeQueryInvalid, invalidQuery+p.Message).WithField(field, "%s", p.Error())
	if p.Position != nil {
		f = f.WithDetail("at line %d, column %d", p.Position.Line, p.Position.Column)
		f = f.WithExtra("position", map[string]any{"offset": float64(p.Position.Offset),
			"line": float64(p.Position.Line), "column": float64(p.Position.Column)})
	}
	return f
}
