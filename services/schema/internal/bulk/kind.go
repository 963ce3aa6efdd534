// Package bulk reads and writes definitions as CSV. It does no I/O: a file is
// checked whole, in memory, and becomes a plan; storing it is somebody else's
// business.
package bulk

import (
	"slices"
	"strings"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// Kind of a file. The texts also name the daily quotas.
type Kind string

// The kinds.
const (
	Metrics    Kind = "metrics"
	LogFields  Kind = "logs"
	Services   Kind = "traces_services"
	Operations Kind = "traces_operations"
)

// Kinds lists every kind, in the order in which answers name them.
func Kinds() []Kind { return []Kind{Metrics, LogFields, Services, Operations} }

// sheet is what a file of a kind looks like.
type sheet struct {
	// defines is the kind of the definitions; files of metrics also hold labels.
	defines  definition.Kind
	columns  []string
	required []string
	// most columns that are counted before their names are looked at.
	most int
}

var sheets = map[Kind]sheet{
	Metrics: {definition.Metric, []string{"tenant_id", "metric", "description", "owner", "tags_json",
		"label", "label_type", "label_required", "label_allowed_json", "label_description", "author"}, []string{"metric"}, 64},
	LogFields:  {definition.LogField, []string{"tenant_id", "field", "type", "description", "tags_json", "examples_json", "author"}, []string{"field"}, 64},
	Services:   {definition.Service, []string{"tenant_id", "service", "purpose", "owner", "tags_json", "author"}, []string{"service"}, 64},
	Operations: {definition.Operation, []string{"tenant_id", "service", "operation", "purpose", "owner", "tags_json", "author"}, []string{"service", "operation"}, 32},
}

// Known tells whether the kind is one of the list.
func (k Kind) Known() bool {
	_, ok := sheets[k]
	return ok
}

// Columns of a file in the order in which exports have them.
func (k Kind) Columns() []string { return slices.Clone(sheets[k].columns) }

// MaxColumns that the header of a file may have.
func (k Kind) MaxColumns() int { return sheets[k].most }

// Defines is the kind of the definitions in a file; one of metrics also holds
// labels.
func (k Kind) Defines() definition.Kind { return sheets[k].defines }

// column gives the column that a member of a definition comes from, by the
// member's JSON pointer ("/tags/3").
func column(kind definition.Kind, pointer string) string {
	member, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	switch {
	case member == "tags" || member == "examples":
		return member + "_json"
	case member == "allowedValues":
		return "label_allowed_json"
	case kind == definition.Label && slices.Contains([]string{"type", "required", "description"}, member):
		return "label_" + member
	}
	return member
}
