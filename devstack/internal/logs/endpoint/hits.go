package endpoint

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/logsql"
)

// series is the hits of one group of rows.
type series struct {
	Fields     map[string]string `json:"fields"`
	Timestamps []string          `json:"timestamps"`
	Values     []int             `json:"values"`
	Total      int               `json:"total"`

	values  []string // of the fields asked for
	buckets map[int64]*int
	bucket  int64
	last    *int // of bucket
}

func (s *series) add(bucket int64, n int) {
	if s.last == nil || s.bucket != bucket {
		s.bucket = bucket
		if s.last = s.buckets[bucket]; s.last == nil {
			s.last = new(int)
			s.buckets[bucket] = s.last
		}
	}
	*s.last += n
	s.Total += n
}

// hits counts rows per step of time and group; pipes but filters do not matter.
func (h *Handler) hits(a *answer, args *arguments) error {
	step, offset, err := args.step()
	if err != nil {
		return err
	}
	most, err := args.number("fields_limit")
	if err != nil {
		return err
	}
	names := args.form.Form["field"]
	groups := map[string]*series{}
	var key []byte
	args.query.OnlyFilter()
	err = args.query.Run(args.ctx, args.source, func(r *logsql.Record) bool {
		key = key[:0]
		for _, name := range names {
			v := r.Get(name)
			key = append(binary.AppendUvarint(key, uint64(len(v))), v...)
		}
		s := groups[string(key)]
		if s == nil {
			s = newSeries(names, r)
			groups[string(key)] = s
		}
		t, _ := r.Time()
		s.add(logsql.Floor(t, offset, step), 1)
		return true
	})
	if err != nil {
		return err
	}
	return a.json(struct {
		Hits []*series `json:"hits"`
	}{inOrder(slices.Collect(maps.Values(groups)), most)})
}

func newSeries(names []string, r *logsql.Record) *series {
	s := &series{Fields: map[string]string{}, buckets: map[int64]*int{}}
	for _, name := range names {
		s.Fields[name] = r.Get(name)
		s.values = append(s.values, r.Get(name))
	}
	return s
}

// inOrder sorts groups by their values; with a limit, all but the largest
// become one without fields.
func inOrder(all []*series, most int) []*series {
	byValues := func(a, b *series) int { return slices.Compare(a.values, b.values) }
	var rest *series
	if most > 0 && len(all) > most {
		slices.SortFunc(all, func(a, b *series) int { return cmp.Or(cmp.Compare(b.Total, a.Total), byValues(a, b)) })
		rest = &series{Fields: map[string]string{}, buckets: map[int64]*int{}}
		for _, s := range all[most:] {
			for at, n := range s.buckets {
				rest.add(at, *n)
			}
		}
		all = all[:most]
	}
	slices.SortFunc(all, byValues)
	if rest != nil {
		all = append(all, rest)
	}
	for _, s := range all {
		s.fill()
	}
	return append([]*series{}, all...) // none is a list, too
}

func (s *series) fill() {
	for _, at := range slices.Sorted(maps.Keys(s.buckets)) {
		s.Timestamps = append(s.Timestamps, logsql.FormatTime(at))
		s.Values = append(s.Values, *s.buckets[at])
	}
}
