package metricsql

import (
	"reflect"

	"github.com/VictoriaMetrics/metricsql"
)

// Format prints the query over several lines where that helps. Comments are
// lost. It refuses like CheckStrict, except that unknown functions are fine.
func Format(text string) (string, error) {
	q, err := Check(text)
	if err != nil {
		return "", err
	}
	pretty, err := prettify(text)
	if err != nil {
		return CacheKey(text), nil
	}
	if q.Analysed() && !sameReads(q, pretty) {
		return CacheKey(text), nil
	}
	return pretty, nil
}

func prettify(text string) (pretty string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errPanic
		}
	}()
	return metricsql.Prettify(text)
}

// Canonical is the query with its templates expanded, on one line; a query
// that is not analysed stays as it is.
func (q *Query) Canonical() string {
	if q.expr == nil {
		return CacheKey(q.text)
	}
	text := string(q.expr.AppendString(nil))
	if !sameReads(q, text) {
		return CacheKey(q.text)
	}
	return text
}

// sameReads guards against the printer, which drops alternatives of a
// selector such as {__name__="a" or __name__="a",b="c"}.
func sameReads(q *Query, text string) bool {
	expr, err := parse(text)
	return err == nil && reflect.DeepEqual(q.groups(), (&Query{expr: expr}).groups())
}

func (q *Query) groups() [][][]metricsql.LabelFilter {
	var all [][][]metricsql.LabelFilter
	q.visit(func(e metricsql.Expr) {
		if m, ok := e.(*metricsql.MetricExpr); ok {
			all = append(all, m.LabelFilterss)
		}
	})
	return all
}
