package endpoint

import (
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/logsql"
)

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
