// Package compare tells what differs between two traces, by service and
// operation.
package compare

import (
	"cmp"
	"slices"

	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

// Kind of a change, seen from the trace in question.
type Kind string

// The kinds, in the order in which they are looked for.
const (
	OnlyHere  Kind = "only_here"
	OnlyThere Kind = "only_there"
	// Failing operations have more failed spans here.
	Failing Kind = "failing"
	// Slower and Faster operations have another self time per span: by a tenth
	// and by a millisecond at least.
	Slower Kind = "slower"
	Faster Kind = "faster"
	// More and Fewer operations have another number of spans.
	More  Kind = "more"
	Fewer Kind = "fewer"
	Same  Kind = "same"
)

// least change of the self time per span, in microseconds.
const least = 1000

// Summary of one trace; Duration in microseconds.
type Summary struct {
	Duration                int64
	Spans, Errors, Services int
}

// Amount of one operation in one trace; times in microseconds.
type Amount struct {
	Spans, Errors int
	// Self is time in which no child ran; Duration is that of the spans.
	Self, Duration int64
}

// Operation in both traces.
type Operation struct {
	Service, Name string
	Here, There   Amount
	Kind          Kind
}

// operation names one.
type operation struct{ service, name string }

// Summarize a trace.
func Summarize(t *trace.Tree) Summary {
	s := Summary{Spans: len(t.Spans)}
	services := map[string]struct{}{}
	for i := range t.Spans {
		services[t.Spans[i].Service] = struct{}{}
		if t.Spans[i].Error {
			s.Errors++
		}
	}
	if s.Services = len(services); s.Spans > 0 {
		s.Duration = t.End() - t.Start()
	}
	return s
}

// Operations of both traces, the largest change of the self time first.
func Operations(here, there *trace.Tree) []Operation {
	ours, theirs := amounts(here), amounts(there)
	list := make([]Operation, 0, max(len(ours), len(theirs)))
	for o, amount := range ours {
		list = append(list, Operation{Service: o.service, Name: o.name, Here: amount, There: theirs[o]})
	}
	for o, amount := range theirs {
		if _, both := ours[o]; !both {
			list = append(list, Operation{Service: o.service, Name: o.name, There: amount})
		}
	}
	for i := range list {
		list[i].Kind = kind(list[i].Here, list[i].There)
	}
	slices.SortFunc(list, func(a, b Operation) int {
		return cmp.Or(cmp.Compare(b.change(), a.change()), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Name, b.Name))
	})
	return list
}

func (o Operation) change() int64 { return max(o.Here.Self-o.There.Self, o.There.Self-o.Here.Self) }

func kind(here, there Amount) Kind {
	switch {
	case there.Spans == 0:
		return OnlyHere
	case here.Spans == 0:
		return OnlyThere
	case here.Errors > there.Errors:
		return Failing
	}
	ours, theirs := here.Self/int64(here.Spans), there.Self/int64(there.Spans)
	switch {
	case ours-theirs >= max(least, theirs/10):
		return Slower
	case theirs-ours >= max(least, theirs/10):
		return Faster
	case here.Spans > there.Spans:
		return More
	case here.Spans < there.Spans:
		return Fewer
	}
	return Same
}

func amounts(t *trace.Tree) map[operation]Amount {
	found := map[operation]Amount{}
	for i := range t.Spans {
		s := &t.Spans[i]
		key := operation{s.Service, s.Operation}
		a := found[key]
		a.Spans++
		a.Duration += s.Duration
		a.Self += t.Self(i)
		if s.Error {
			a.Errors++
		}
		found[key] = a
	}
	return found
}
