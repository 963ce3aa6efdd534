package endpoint

import (
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/logsql"
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

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
