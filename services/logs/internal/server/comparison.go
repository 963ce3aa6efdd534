package server

import (
	"slices"
	"sync"

	"github.com/platformbuilds/mirador-core/services/logs/internal/difference"
	"github.com/platformbuilds/mirador-core/services/logs/internal/pattern"
	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
	"github.com/platformbuilds/mirador-core/services/logs/internal/victorialogs"
	"github.com/platformbuilds/mirador-core/services/logs/internal/window"
)

const (
	// maxCompared is the number of fields that are compared, maxDistinct that of
	// values beyond which a field names rows rather than kinds of rows.
	maxCompared = 50
	maxDistinct = 1000
	// maxComparedRows of each window are looked at for patterns.
	maxComparedRows = 20_000
	// atOnce is the number of questions that one comparison asks at one time.
	atOnce = 4
)

// comparison of two windows.
type comparison struct {
	call      *call
	bad, good victorialogs.Query
	// rows of the windows, and those that were looked at for patterns.
	rows, mined difference.Rows
	skipped     []string

	mu     sync.Mutex
	values []difference.Value
}

func (d *comparison) rowsOf(field string) difference.Rows {
	if field == difference.Pattern {
		return d.mined
	}
	return d.rows
}

// run counts the values of the fields; of all, when none are named.
func (d *comparison) run(fields []string) error {
	patterns := len(fields) == 0 || slices.Contains(fields, difference.Pattern)
	fields, err := d.fields(fields)
	if err != nil {
		return err
	}
	jobs := make([]func() error, 0, len(fields)+1)
	if patterns {
		jobs = append(jobs, d.patterns)
	}
	for _, field := range fields {
		jobs = append(jobs, func() error { return d.count(field) })
	}
	return together(jobs)
}

// fields gives those that can be compared, and notes the others.
func (d *comparison) fields(asked []string) ([]string, error) {
	all := len(asked) == 0
	asked = slices.DeleteFunc(asked, func(f string) bool { return f == difference.Pattern })
	if all {
		var err error
		if asked, err = d.names(); err != nil {
			return nil, err
		}
	}
	if len(asked) > maxCompared {
		d.skipped = append(d.skipped, asked[maxCompared:]...)
		asked = asked[:maxCompared]
	}
	bad, err := d.call.totals(d.bad, asked)
	if err != nil {
		return nil, err
	}
	good, err := d.call.totals(d.good, asked)
	if err != nil {
		return nil, err
	}
	d.rows = difference.Rows{Bad: bad.rows, Good: good.rows}
	var fields []string
	for i, field := range asked {
		if max(bad.of(i).Values, good.of(i).Values) > maxDistinct {
			d.skipped = append(d.skipped, field)
			continue
		}
		fields = append(fields, field)
	}
	return fields, nil
}

// names of the fields of both windows, without those that every row has its own
// of, or that say again what others say.
func (d *comparison) names() ([]string, error) {
	var names []string
	for _, q := range []victorialogs.Query{d.bad, d.good} {
		list, err := d.call.server.Backend.FieldNames(d.call.ctx, q)
		if err != nil {
			return nil, err
		}
		for _, v := range list {
			if !slices.Contains([]string{row.Time, row.Message, row.Stream, row.StreamID}, v.Value) && !slices.Contains(names, v.Value) {
				names = append(names, v.Value)
			}
		}
	}
	return names, nil
}

// count counts the values of a field in both windows.
func (d *comparison) count(field string) error {
	counts := map[string]*difference.Value{}
	var order []string
	value := func(text string) *difference.Value {
		if counts[text] == nil {
			counts[text] = &difference.Value{Field: field, Value: text}
			order = append(order, text)
		}
		return counts[text]
	}
	bad, err := d.call.top(d.bad, field, maxDistinct+1)
	if err != nil {
		return err
	}
	good, err := d.call.top(d.good, field, maxDistinct+1)
	if err != nil {
		return err
	}
	for _, v := range bad {
		value(v.Value).Bad = v.Hits
	}
	for _, v := range good {
		value(v.Value).Good = v.Hits
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, text := range order {
		// The empty value stands for rows without the field.
		if text != "" {
			d.values = append(d.values, *counts[text])
		}
	}
	return nil
}

// patterns counts the templates of the newest rows of both windows.
func (d *comparison) patterns() error {
	m := pattern.New(pattern.Limits{})
	for group, q := range []victorialogs.Query{pattern.Asked: d.bad, pattern.Compared: d.good} {
		w := window.Window{Start: q.Start, End: q.End}
		if _, err := d.call.mine(m, q, w, pattern.Group(group), maxComparedRows); err != nil {
			return err
		}
	}
	found := m.Result()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mined = difference.Rows{Bad: found.Rows[pattern.Asked], Good: found.Rows[pattern.Compared]}
	for _, p := range found.Patterns {
		d.values = append(d.values, difference.Value{Field: difference.Pattern, Value: p.Template,
			Bad: p.Count[pattern.Asked], Good: p.Count[pattern.Compared]})
	}
	return nil
}

// together runs a few jobs at one time and gives the first error.
func together(jobs []func() error) error {
	var wg sync.WaitGroup
	slots, errs := make(chan struct{}, atOnce), make([]error, len(jobs))
	for i, job := range jobs {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			errs[i] = job()
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
