package endpoint

import (
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/logsql"
)

// counted is one member of a list of values.
type counted struct {
	Value string `json:"value"`
	Hits  int    `json:"hits"`
}

func sendValues(a *answer, all []logsql.Value) error {
	list := make([]counted, len(all))
	for i, v := range all {
		list[i] = counted{v.Value, v.Hits}
	}
	return a.json(struct {
		Values []counted `json:"values"`
	}{list})
}

func (h *Handler) fieldNames(a *answer, args *arguments) error {
	n := &logsql.FieldNames{}
	err := args.query.Run(args.ctx, args.source, func(r *logsql.Record) bool {
		n.Add(r)
		return true
	})
	if err != nil {
		return err
	}
	return sendValues(a, n.Values())
}

func (h *Handler) fieldValues(a *answer, args *arguments) error {
	field := args.form.FormValue("field")
	if field == "" {
		return errorf("missing 'field' query arg")
	}
	return countValues(a, args, func(r *logsql.Record, add func(string)) { add(r.Get(field)) })
}

func countValues(a *answer, args *arguments, each func(r *logsql.Record, add func(string))) error {
	limit, err := args.number("limit")
	if err != nil {
		return err
	}
	hits := map[string]int{}
	add := func(v string) { hits[v]++ }
	err = args.query.Run(args.ctx, args.source, func(r *logsql.Record) bool {
		each(r, add)
		return true
	})
	if err != nil {
		return err
	}
	return sendValues(a, cut(logsql.Ranked(hits), limit))
}

// cut leaves the first ones; then hits are not told, as on the real server.
func cut(all []logsql.Value, limit int) []logsql.Value {
	if limit <= 0 || len(all) <= limit {
		return all
	}
	for i := range all[:limit] {
		all[i].Hits = 0
	}
	return all[:limit]
}
