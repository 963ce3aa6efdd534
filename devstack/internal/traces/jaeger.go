package traces

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// trace is one trace in Jaeger's form, over the fields of its spans.
type trace struct {
	id        string
	spans     []jaegerSpan
	processes []fields // resource attributes
}

type jaegerSpan struct {
	fields
	process int // place in processes
	stream  string
	end     int64
}

// load gathers a trace. Its spans come as the real server stores them: by
// stream, then by end.
func (s *Server) load(t store.Tenant, id string) *trace {
	w, ok := s.index.window(t, id)
	if !ok {
		return nil
	}
	found, streams := &trace{id: id}, map[*store.Stream]string{}
	s.store.Scan(t, store.Range{Start: w.first, End: w.last}, func(r *store.Row) bool {
		if fields(r.Fields).get(traceField) == id {
			if streams[r.Stream] == "" {
				streams[r.Stream] = r.Stream.ID(t)
			}
			found.spans = append(found.spans, jaegerSpan{fields: slices.Clone(r.Fields), stream: streams[r.Stream], end: r.Time})
		}
		return true
	})
	if len(found.spans) == 0 {
		return nil
	}
	slices.SortStableFunc(found.spans, func(a, b jaegerSpan) int {
		return cmp.Or(strings.Compare(a.stream, b.stream), cmp.Compare(a.end, b.end))
	})
	found.number()
	return found
}

// number gives every distinct resource a process, in the order of the spans.
func (t *trace) number() {
	known := map[string]int{}
	for i := range t.spans {
		resource := t.spans[i].under(resourcePrefix)
		var key strings.Builder
		for _, f := range resource {
			key.WriteString(f.Name + "\x00" + f.Value + "\x00")
		}
		n, ok := known[key.String()]
		if !ok {
			n = len(t.processes)
			known[key.String()], t.processes = n, append(t.processes, resource)
		}
		t.spans[i].process = n
	}
}

// under returns the fields with a prefix; they stand together.
func (f fields) under(prefix string) fields {
	from := slices.IndexFunc(f, func(x store.Field) bool { return strings.HasPrefix(x.Name, prefix) })
	if from < 0 {
		return nil
	}
	to := from
	for to < len(f) && strings.HasPrefix(f[to].Name, prefix) {
		to++
	}
	return f[from:to]
}

// Numbers that the protocol gives kinds and states, as texts of tags.
var (
	kindTexts  = [...]string{"", "internal", "server", "client", "producer", "consumer"}
	errorTexts = [...]string{"unset", "false", "true"}
)

// tagNames are the tags that come of a field that is no attribute.
var tagNames = map[string]string{
	scopeField:   "otel.scope.name",
	versionField: "otel.scope.version",
	messageField: "otel.status_description",
	stateField:   "w3c.tracestate",
}

// tag returns the tag that a field becomes, if it does.
func tag(f store.Field) (name, value string, ok bool) {
	switch f.Name {
	case kindField:
		return "span.kind", textOf(kindTexts[:], f.Value), true
	case statusField:
		return "error", textOf(errorTexts[:], f.Value), true
	}
	if name, ok := tagNames[f.Name]; ok {
		return name, f.Value, true
	}
	for _, prefix := range []string{spanPrefix, scopePrefix} {
		if name, ok := strings.CutPrefix(f.Name, prefix); ok {
			return name, f.Value, true
		}
	}
	return "", "", false
}

func textOf(texts []string, number string) string {
	if n, err := strconv.Atoi(number); err == nil && n >= 0 && n < len(texts) {
		return texts[n]
	}
	return number
}

// numbered returns the fields of each event or link: prefix is "event:" or
// "link:", inner what stands behind the number.
func (f fields) numbered(prefix, inner string) (all []fields) {
	last := ""
	for _, x := range f.under(prefix) {
		number, name, _ := strings.Cut(x.Name[len(prefix):], ":")
		if number != last || len(all) == 0 {
			last, all = number, append(all, nil)
		}
		at := len(all) - 1
		all[at] = append(all[at], store.Field{Name: strings.TrimPrefix(name, inner), Value: x.Value})
	}
	return all
}
