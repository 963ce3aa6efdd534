package bulk

import (
	"fmt"
	"slices"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// Plan is what a file would store.
type Plan struct {
	// Kind of the file.
	Kind Kind
	// Changes of what is good, each key once. A metric comes before its labels.
	Changes []definition.Change
	// Refused rows by line, each with its first fault.
	Refused []Refusal

	seen map[definition.Key]int
}

// Refusal names a row that is not stored.
type Refusal struct {
	// Line of the file on which the row begins; the header is on line 1.
	Line int
	// Column with the fault.
	Column string
	// Reason in a few words.
	Reason string
}

// String is the refusal as a sentence.
func (r Refusal) String() string {
	return fmt.Sprintf("line %d: %s %s", r.Line, r.Column, r.Reason)
}

func newPlan(kind Kind) *Plan { return &Plan{Kind: kind, seen: map[definition.Key]int{}} }

// add takes a row whole or refuses it whole. Rows of one metric add labels to
// it; what the first of them says of the metric itself holds.
func (p *Plan) add(r row) {
	changes, bad := r.changes(p.Kind)
	if bad == nil {
		bad = p.twice(r, changes[len(changes)-1].Key)
	}
	if bad != nil {
		p.Refused = append(p.Refused, *bad)
		return
	}
	for _, c := range changes {
		if p.seen[c.Key] == 0 {
			p.seen[c.Key] = r.line
			p.Changes = append(p.Changes, c)
		}
	}
}

// twice refuses a second row of the same key: which of the two holds would
// depend on their order.
func (p *Plan) twice(r row, key definition.Key) *Refusal {
	line := p.seen[key]
	if line == 0 || key.Kind == definition.Metric {
		return nil
	}
	name := column(key.Kind, "/"+map[definition.Kind]string{definition.Label: "label", definition.LogField: "field",
		definition.Service: "service", definition.Operation: "operation"}[key.Kind])
	return r.refuse(name, fmt.Sprintf("is defined on line %d already", line))
}

// Parents lists the services that the operations of the plan need, each once.
func (p *Plan) Parents() []string {
	var out []string
	for _, c := range p.Changes {
		if c.Key.Kind == definition.Operation {
			out = append(out, c.Key.Parent)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Keep refuses the rows of operations whose service is not among the defined.
func (p *Plan) Keep(defined map[string]bool) {
	p.Changes = slices.DeleteFunc(p.Changes, func(c definition.Change) bool {
		if c.Key.Kind != definition.Operation || defined[c.Key.Parent] {
			return false
		}
		p.Refused = append(p.Refused, Refusal{p.seen[c.Key], "service", "must be a service that is defined"})
		return true
	})
	slices.SortStableFunc(p.Refused, func(a, b Refusal) int { return a.Line - b.Line })
}

// Count of the changes of a kind.
func (p *Plan) Count(kind definition.Kind) int {
	n := 0
	for _, c := range p.Changes {
		if c.Key.Kind == kind {
			n++
		}
	}
	return n
}
