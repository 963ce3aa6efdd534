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

// Check names the faulty members of a change by their JSON pointers, as
// clients write them ("/metric", "/tags/3"); none means that it may be stored.
func Check(c Change) []fault.Field {
	var found check
	found.key("", c.Key)
	found.content("", c.Key.Kind, c.Content)
	return found.fields
}

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

func (c *check) key(at string, key Key) {
	info := kinds[key.Kind]
	if info.parent != "" {
		c.name(at+"/"+info.parent, key.Parent)
	}
	c.name(at+"/"+info.name, key.Name)
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
	return unicode.IsControl(r) || Reverses(r)
}

// Reverses tells whether a character makes the text behind it show in another
// direction, so that it looks like other text (CVE-2021-42574). The marks that
// mixed scripts need are not among them.
func Reverses(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// content checks what the kind uses, in the order of its fields.
func (c *check) content(at string, kind Kind, content Content) {
	for _, field := range kind.Fields() {
		pointer := at + "/" + field
		switch field {
		case "description":
			c.text(pointer, content.Description, maxDescription, true)
		case "purpose":
			c.text(pointer, content.Purpose, maxDescription, true)
		case "owner":
			c.text(pointer, content.Owner, maxWord, false)
		case "type":
			c.text(pointer, content.Type, maxWord, false)
		case "tags":
			c.words(pointer, content.Tags)
		case "examples":
			c.words(pointer, content.Examples)
		case "allowedValues":
			if b, err := json.Marshal(content.AllowedValues); err != nil || len(b) > maxAllowed {
				c.add(pointer, "must be an object of at most %d bytes", maxAllowed)
			}
		}
	}
}

func (c *check) words(pointer string, list []string) {
	if len(list) > maxTags {
		c.add(pointer, "must not have more than %d entries", maxTags)
		return
	}
	for i, text := range list {
		c.text(fmt.Sprintf("%s/%d", pointer, i), text, maxWord, false)
	}
}

// labels are given inside the upsert of their metric.
func (c *check) labels(labels []Change) {
	if len(labels) > maxLabels {
		c.add("/labels", "must not have more than %d entries", maxLabels)
		return
	}
	seen := make(map[string]bool, len(labels))
	for i, l := range labels {
		at := fmt.Sprintf("/labels/%d", i)
		c.name(at+"/label", l.Key.Name)
		c.content(at, Label, l.Content)
		if seen[l.Key.Name] {
			c.add(at+"/label", "is defined twice")
		}
		seen[l.Key.Name] = true
	}
}

// missing is the contract's answer for what is not defined.
func missing() error { return fault.New(fault.CodeNotFound, "not found") }
