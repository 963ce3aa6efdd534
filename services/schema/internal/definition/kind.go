package definition

import "strings"

// Kind of a definition.
type Kind string

// The kinds.
const (
	// Metric is a metric of the metrics back end.
	Metric Kind = "metric"
	// Label is a label of one metric, its parent.
	Label Kind = "label"
	// LogField is a field of log rows.
	LogField Kind = "log_field"
	// Service is a service that sends traces.
	Service Kind = "service"
	// Operation is an operation of one service, its parent.
	Operation Kind = "operation"
)

// Kinds lists every kind, in the order in which answers name them.
func Kinds() []Kind { return []Kind{Metric, Label, LogField, Service, Operation} }

// kindInfo is what the rules know of a kind.
type kindInfo struct {
	log string
	// parent and name are the members that hold the key, as clients write them.
	parent, name string
	// fields of the content, as clients write them, in the order of answers.
	fields []string
}

var kinds = map[Kind]kindInfo{
	Metric:    {"metrics", "", "metric", []string{"description", "owner", "tags"}},
	Label:     {"metrics", "metric", "label", []string{"type", "required", "allowedValues", "description"}},
	LogField:  {"logs", "", "field", []string{"type", "description", "tags", "examples"}},
	Service:   {"services", "", "service", []string{"purpose", "owner", "tags"}},
	Operation: {"operations", "service", "operation", []string{"purpose", "owner", "tags"}},
}

// Known tells whether the kind is one of the list.
func (k Kind) Known() bool {
	_, ok := kinds[k]
	return ok
}

// Log names the log that orders changes of the kind: "metrics" (also labels),
// "logs", "services" or "operations". Changes of one log make one batch.
func (k Kind) Log() string { return kinds[k].log }

// Logs lists the names that Log gives.
func Logs() []string { return []string{"metrics", "logs", "services", "operations"} }

// HasParent tells whether keys of the kind name a parent.
func (k Kind) HasParent() bool { return kinds[k].parent != "" }

// Fields lists the members of the kind's content as clients write them.
func (k Kind) Fields() []string { return kinds[k].fields }

// Key names a definition of one tenant. Keys are compared byte by byte.
type Key struct {
	Kind Kind
	// Parent is the metric of a label and the service of an operation, else "".
	Parent string
	Name   string
}

// Compare orders keys by parent, then name, both byte by byte; it is the order
// of lists of one kind.
func (k Key) Compare(o Key) int {
	if c := strings.Compare(string(k.Kind), string(o.Kind)); c != 0 {
		return c
	}
	if c := strings.Compare(k.Parent, o.Parent); c != 0 {
		return c
	}
	return strings.Compare(k.Name, o.Name)
}
