package definition

import (
	"encoding/json"
	"fmt"
	"strings"
)

// MaxBatchBytes bounds the changes of one batch as JSON.
const MaxBatchBytes = 960_000

// Change is what one key is to become.
type Change struct {
	Key     Key     `json:"key"`
	Content Content `json:"content"`
	// Delete takes the definition away; the content must be empty then.
	Delete bool `json:"delete,omitempty"`
	// If must hold of the newest version at the moment of the write. It is not
	// part of what is stored.
	If Condition `json:"-"`
}

// On gives what the change makes of the newest version of its key, the zero
// Definition if there is none. It is the only rule that makes versions: a
// change that says nothing new changes nothing.
func (c Change) On(head Definition) (next Definition, changed bool) {
	if c.Delete && !head.Live() || !c.Delete && head.Live() && head.Same(c.Content) {
		return head, false
	}
	return Definition{Key: c.Key, Content: c.Content, Deleted: c.Delete, Version: head.Version + 1}, true
}

// Batch is changes that are stored in one write, or not at all.
type Batch struct {
	// Tenant that owns the definitions.
	Tenant string
	// Author of the changes.
	Author string
	// Changes of one log (Kind.Log), each key at most once.
	Changes []Change
}

// Check refuses a batch that no store could keep; it is a fault of the program
// and not of the caller.
func (b Batch) Check() error {
	if b.Tenant == "" || len(b.Changes) == 0 {
		return fmt.Errorf("batch of tenant %q with %d changes", b.Tenant, len(b.Changes))
	}
	seen := make(map[Key]bool, len(b.Changes))
	for _, c := range b.Changes {
		if !c.Key.Kind.Known() || c.Key.Kind.Log() != b.Log() || seen[c.Key] {
			return fmt.Errorf("batch of log %q holds %q twice, or of another log", b.Log(), c.Key)
		}
		seen[c.Key] = true
	}
	return nil
}

// Log that the batch belongs to.
func (b Batch) Log() string {
	if len(b.Changes) == 0 {
		return ""
	}
	return b.Changes[0].Key.Kind.Log()
}

// Split cuts changes into batches that are small enough, in order, each of one
// log. Each batch is stored on its own.
func Split(tenant, author string, changes []Change) []Batch {
	var out []Batch
	size := 0
	for _, c := range changes {
		n := c.size()
		if last := len(out) - 1; last < 0 || out[last].Log() != c.Key.Kind.Log() || size+n > MaxBatchBytes {
			out = append(out, Batch{Tenant: tenant, Author: author})
			size = 0
		}
		last := &out[len(out)-1]
		last.Changes = append(last.Changes, c)
		size += n
	}
	return out
}

// size of the change as JSON, and some bytes around it.
func (c Change) size() int {
	data, err := json.Marshal(c)
	if err != nil {
		return MaxBatchBytes
	}
	return len(data) + 16
}

// Outcome of a batch.
type Outcome struct {
	// Epoch of the tenant that includes the batch.
	Epoch uint64
	// Applied has one entry for each change, in order.
	Applied []Applied
}

// Applied is what became of one change.
type Applied struct {
	// Definition after the batch; UpdatedAt is not set when it changed.
	Definition
	// Changed is false when the content was equal, and there is no new version.
	Changed bool
}

// Changed counts the new versions of an outcome.
func (o Outcome) Changed() int {
	n := 0
	for _, a := range o.Applied {
		if a.Changed {
			n++
		}
	}
	return n
}

// Condition is an If-Match; the zero value always holds.
type Condition struct {
	// Any holds of everything that is defined ("*").
	Any bool
	// Tags hold when one of them is the definition's ETag.
	Tags []string
}

// ParseCondition reads an If-Match header. A weak tag counts as its strong
// one: it differs only in how the answer was compressed.
func ParseCondition(header string) Condition {
	var c Condition
	for item := range strings.SplitSeq(header, ",") {
		item = strings.TrimSpace(item)
		if item == "*" {
			c.Any = true
		} else if item != "" {
			c.Tags = append(c.Tags, strings.Trim(strings.TrimPrefix(item, "W/"), `"`))
		}
	}
	return c
}

// Holds tells whether the condition holds of the newest version.
func (c Condition) Holds(head Definition) bool {
	if !c.Any && len(c.Tags) == 0 {
		return true
	}
	if c.Any && head.Live() {
		return true
	}
	for _, tag := range c.Tags {
		if tag != "" && tag == head.ETag() {
			return true
		}
	}
	return false
}
