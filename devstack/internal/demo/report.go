package demo

import (
	"fmt"
	"slices"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/journey"
	"github.com/platformbuilds/mirador-core/devstack/internal/shoplogs"
	"github.com/platformbuilds/mirador-core/devstack/internal/shoptraces"
)

// Report is how much was told of a window, counted by the story and not by
// asking the back ends.
type Report struct {
	Tenant string    `json:"tenant"`
	Start  time.Time `json:"start"`
	End    time.Time `json:"end"`
	Logs   Rows      `json:"logs"`
	Traces Spans     `json:"traces"`
}

// Reach is what has been written at all: From <= time < Written.
type Reach struct {
	From    time.Time `json:"from"`
	Written time.Time `json:"written"`
}

// Rows are the log rows of a window.
type Rows struct {
	Reach
	Total     int            `json:"total"`
	ByService map[string]int `json:"by_service"`
	ByLevel   map[string]int `json:"by_level"`
	PerMinute []Minute       `json:"per_minute"`
}

// Spans are the spans of a window, by their ends, and the traces they belong to.
type Spans struct {
	Reach
	Total     int            `json:"total"`
	Spans     int            `json:"spans"`
	Failed    int            `json:"failed_spans"`
	ByService map[string]int `json:"by_service"`
	PerMinute []Minute       `json:"per_minute"`
}

// Minute is a number of rows or spans; TS is its start in milliseconds.
type Minute struct {
	TS    int64 `json:"ts"`
	Count int   `json:"count"`
}

// Count counts what the story in the file has told a tenant with start <=
// time < end.
func Count(file, tenant string, start, end time.Time) (Report, error) {
	told, err := load(file)
	if err != nil {
		return Report{}, err
	}
	at := slices.IndexFunc(Tenants(), func(t Tenant) bool { return t.Name == tenant })
	if at < 0 {
		return Report{}, fmt.Errorf("no tenant %q in the demo", tenant)
	}
	if told.Start.IsZero() {
		return Report{}, fmt.Errorf("no story was told in this folder")
	}
	story := journey.New(told.story(), journey.For(tenant, Tenants()[at].Marker))
	return Report{Tenant: tenant, Start: start, End: end,
		Logs: told.rows(story, tenant, start, end), Traces: told.spans(story, tenant, start, end)}, nil
}

func (t Told) rows(story *journey.Traffic, tenant string, start, end time.Time) Rows {
	reach, from, to := t.reach(Logs, tenant, start, end)
	c := shoplogs.Count(story, from, to)
	if t.Bulk != nil && tenant == Tenants()[0].Name {
		t.Bulk.Count(c, start, end)
	}
	return Rows{Reach: reach, Total: c.Total, ByService: c.ByService, ByLevel: c.ByLevel, PerMinute: minutes(c.PerMinute)}
}

func (t Told) spans(story *journey.Traffic, tenant string, start, end time.Time) Spans {
	reach, from, to := t.reach(Traces, tenant, start, end)
	c := shoptraces.Count(story, from, to)
	return Spans{Reach: reach, Total: c.Traces, Spans: c.Spans, Failed: c.Failed, ByService: c.ByService, PerMinute: minutes(c.PerMinute)}
}

// reach is what a feed has written, and the part of it in the window.
func (t Told) reach(feed, tenant string, start, end time.Time) (r Reach, from, to time.Time) {
	span := t.Feeds[feedKey(feed, tenant)]
	r = Reach{From: span.From.UTC(), Written: span.Written.UTC()}
	from, to = start, end
	if from.Before(r.From) {
		from = r.From
	}
	if to.After(r.Written) {
		to = r.Written
	}
	return r, from, to
}

func minutes(counts map[int64]int) []Minute {
	list := make([]Minute, 0, len(counts))
	for at, count := range counts {
		list = append(list, Minute{TS: at * 1000, Count: count})
	}
	slices.SortFunc(list, func(a, b Minute) int { return int(a.TS - b.TS) })
	return list
}
