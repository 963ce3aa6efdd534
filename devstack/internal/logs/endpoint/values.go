package endpoint

import (
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/logsql"
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
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

// streams and the routes below look at the streams of the rows only.
func (h *Handler) streams(a *answer, args *arguments) error {
	return countStreams(a, args, func(s *store.Stream, add func(string)) { add(s.Text) })
}

func (h *Handler) streamIDs(a *answer, args *arguments) error {
	return countStreams(a, args, func(s *store.Stream, add func(string)) { add(s.ID(args.source.Tenant)) })
}

func (h *Handler) streamFieldNames(a *answer, args *arguments) error {
	return countStreams(a, args, func(s *store.Stream, add func(string)) {
		for _, l := range s.Labels {
			add(l.Name)
		}
	})
}

func (h *Handler) streamFieldValues(a *answer, args *arguments) error {
	field := args.form.FormValue("field")
	if field == "" {
		return errorf("missing 'field' query arg")
	}
	return countStreams(a, args, func(s *store.Stream, add func(string)) {
		if v := s.Label(field); v != "" {
			add(v)
		}
	})
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

func countStreams(a *answer, args *arguments, each func(s *store.Stream, add func(string))) error {
	limit, err := args.number("limit")
	if err != nil {
		return err
	}
	rows := map[*store.Stream]int{}
	args.query.OnlyFilter()
	err = args.query.Run(args.ctx, args.source, func(r *logsql.Record) bool {
		rows[r.Row.Stream]++
		return true
	})
	if err != nil {
		return err
	}
	hits := map[string]int{}
	for s, n := range rows {
		each(s, func(v string) { hits[v] += n })
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

// facets counts the values of every field.
func (h *Handler) facets(a *answer, args *arguments) error {
	f := &logsql.Facets{KeepConst: args.flag("keep_const_fields")}
	for name, to := range map[string]*int{"limit": &f.Limit, "max_values_per_field": &f.MaxValues, "max_value_len": &f.MaxLen} {
		n, err := args.number(name)
		if err != nil {
			return err
		}
		*to = max(n, 0)
	}
	args.query.OnlyFilter()
	err := args.query.Run(args.ctx, args.source, func(r *logsql.Record) bool {
		f.Add(r)
		return true
	})
	if err != nil {
		return err
	}
	return a.json(facetsAnswer(f.Facets()))
}

func facetsAnswer(all []logsql.Facet) any {
	type value struct {
		Value string `json:"field_value"`
		Hits  int    `json:"hits"`
	}
	type facet struct {
		Name   string  `json:"field_name"`
		Values []value `json:"values"`
	}
	list := make([]facet, len(all))
	for i, f := range all {
		list[i].Name = f.Name
		for _, v := range f.Values {
			list[i].Values = append(list[i].Values, value{v.Value, v.Hits})
		}
	}
	return struct {
		Facets []facet `json:"facets"`
	}{list}
}
