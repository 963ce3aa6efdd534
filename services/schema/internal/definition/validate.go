package definition

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// Bounds of a definition, in bytes or entries.
const (
	maxName        = 512
	maxWord        = 256
	maxDescription = 4 << 10
	maxTags        = 64
	maxLabels      = 64
	maxAllowed     = 16 << 10
	maxLookup      = 200
)

// invalid is the contract's text for a body that cannot be used.
const invalid = "invalid payload"

// check collects faulty members.
type check struct{ fields []fault.Field }

func (c *check) add(pointer, format string, args ...any) {
	c.fields = append(c.fields, fault.Field{Pointer: pointer, Detail: fmt.Sprintf(format, args...)})
}

// err is one fault with every faulty member, or nil.
func (c *check) err() error {
	if len(c.fields) == 0 {
		return nil
	}
	f := fault.New(fault.CodeInvalidRequest, invalid)
	f.Fields = c.fields
	return f
}

// name must be there: it becomes a key.
func (c *check) name(pointer, text string) {
	if strings.TrimSpace(text) == "" {
		c.add(pointer, "must not be empty")
		return
	}
	c.text(pointer, text, maxName, false)
}

// text must be UTF-8 without control characters; multi-line text may hold line
// breaks and tabs.
func (c *check) text(pointer, text string, most int, lines bool) {
	if len(text) > most {
		c.add(pointer, "must not be longer than %d bytes", most)
		return
	}
	if !utf8.ValidString(text) {
		c.add(pointer, "must be UTF-8")
		return
	}
	if strings.ContainsFunc(text, func(r rune) bool { return forbidden(r, lines) }) {
		c.add(pointer, "must not hold control characters")
	}
}

func forbidden(r rune, lines bool) bool {
	if lines && (r == '\n' || r == '\r' || r == '\t') {
		return false
	}
	return unicode.IsControl(r)
}

func (c *check) metric(m Metric) {
	c.name("/metric", m.Name)
	c.text("/description", m.Description, maxDescription, true)
	c.text("/owner", m.Owner, maxWord, false)
	if len(m.Tags) > maxTags {
		c.add("/tags", "must not have more than %d entries", maxTags)
		return
	}
	for i, tag := range m.Tags {
		c.text(fmt.Sprintf("/tags/%d", i), tag, maxWord, false)
	}
}

func (c *check) label(at string, l Label) {
	c.name(at+"/label", l.Name)
	c.text(at+"/type", l.Type, maxWord, false)
	c.text(at+"/description", l.Description, maxDescription, true)
	if b, err := json.Marshal(l.AllowedValues); err != nil || len(b) > maxAllowed {
		c.add(at+"/allowedValues", "must be an object of at most %d bytes", maxAllowed)
	}
}

func (c *check) labels(labels []Label) {
	if len(labels) > maxLabels {
		c.add("/labels", "must not have more than %d entries", maxLabels)
		return
	}
	seen := make(map[string]bool, len(labels))
	for i, l := range labels {
		at := fmt.Sprintf("/labels/%d", i)
		c.label(at, l)
		if seen[l.Name] {
			c.add(at+"/label", "is defined twice")
		}
		seen[l.Name] = true
	}
}

// missing is the contract's answer for what is not defined.
func missing() error { return fault.New(fault.CodeNotFound, "not found") }
