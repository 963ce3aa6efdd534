package hot

import (
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge/param"
	"github.com/platformbuilds/mirador-core/gateway/internal/relay"
	"github.com/platformbuilds/mirador-core/libs/fault"
	queryv1 "github.com/platformbuilds/mirador-core/proto/gen/query/v1"
)

// reader takes parameters and remembers the faults, so that one answer names
// them all, and the parameters, which are the cache key.
type reader struct {
	all    param.Set
	query  param.Set
	body   bool
	fields []fault.Field
	params []relay.Param
}

func read(r Request) *reader {
	return &reader{all: r.Body.With(r.Query), query: r.Query, body: len(r.Body.Pairs()) > 0}
}

// one returns a parameter that may be absent.
func (d *reader) one(name string) string {
	value, err := d.all.One(name)
	if err != nil {
		d.fault(name, "is given more than once")
	}
	d.keep(name, value)
	return value
}

// need returns a parameter that must be there.
func (d *reader) need(name string) string {
	value := d.one(name)
	if strings.TrimSpace(value) == "" {
		d.fault(name, "is required")
	}
	return value
}

func (d *reader) many(names ...string) []string {
	values := d.all.All(names...)
	for _, v := range values {
		d.keep(names[0], v)
	}
	return values
}

// flag returns a truth value; the query string overrides the body.
func (d *reader) flag(name string) *bool {
	values := d.query.All(name)
	if len(values) == 0 {
		values = d.all.All(name)
	}
	if len(values) == 0 {
		return nil
	}
	on, err := strconv.ParseBool(strings.ToLower(values[0]))
	if err != nil {
		d.fault(name, "must be true, false, 1 or 0")
	}
	d.keep(name, strconv.FormatBool(on))
	return &on
}

func (d *reader) limit(name string) uint32 {
	value := d.one(name)
	if value == "" {
		return 0
	}
	n, err := strconv.ParseUint(value, 10, 32)
	if err != nil {
		d.fault(name, "must be a whole number from 0 to 4294967295")
	}
	return uint32(n)
}

// definitions reads the three options that choose definitions; label_keys of
// the query string are added to those of the body.
func (d *reader) definitions() *queryv1.DefinitionOptions {
	o := &queryv1.DefinitionOptions{Include: d.flag("include_definitions")}
	if minimal := d.flag("definitions_minimal"); minimal != nil {
		o.Minimal = *minimal
	}
	for _, list := range d.many("label_keys") {
		for key := range strings.SplitSeq(list, ",") {
			if key = strings.TrimSpace(key); key != "" {
				o.LabelKeys = append(o.LabelKeys, key)
			}
		}
	}
	return o
}

func (d *reader) keep(name, value string) {
	if value != "" {
		d.params = append(d.params, relay.Param{Name: name, Value: value})
	}
}

// fault notes a faulty parameter, as a JSON pointer when it came in a body.
func (d *reader) fault(name, detail string) {
	if d.body {
		name = "/" + name
	}
	d.fields = append(d.fields, fault.Field{Pointer: name, Detail: detail})
}

// err is the fault that names every faulty parameter, or nil.
func (d *reader) err() error {
	if len(d.fields) == 0 {
		return nil
	}
	f := fault.New(fault.CodeInvalidRequest, "Invalid request")
	f.Fields = d.fields
	f.Detail = d.fields[0].Pointer + " " + d.fields[0].Detail
	return f.WithExtra("details", f.Detail)
}
