// Package definition is what metrics, labels, log fields, services and
// operations mean to a tenant: the rules for definitions, and the operations
// on them. Where they are kept is behind Store; how they travel is the
// server's business.
package definition

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"time"
)

// ErrNotFound tells that nothing is defined under a name.
var ErrNotFound = errors.New("not defined")

// Content is what is said about a key. A kind uses the members that its
// Fields name; the others stay empty.
type Content struct {
	// Description and Purpose are texts for people, Owner a team or a person.
	Description string `json:"description,omitempty"`
	Purpose     string `json:"purpose,omitempty"`
	Owner       string `json:"owner,omitempty"`
	// Tags are free words, often of the form key=value; their order counts.
	Tags []string `json:"tags,omitempty"`
	// Type of the values, a free word.
	Type string `json:"type,omitempty"`
	// Examples of values.
	Examples []string `json:"examples,omitempty"`
	// Required when every series of the metric should have the label.
	Required bool `json:"required,omitempty"`
	// AllowedValues is a free JSON object; empty means any value.
	AllowedValues map[string]any `json:"allowed,omitempty"`
}

// Same tells whether two contents are equal; empty and absent are.
func (c Content) Same(o Content) bool {
	return c.Description == o.Description && c.Purpose == o.Purpose && c.Owner == o.Owner &&
		slices.Equal(c.Tags, o.Tags) && c.Type == o.Type && slices.Equal(c.Examples, o.Examples) &&
		c.Required == o.Required && sameObject(c.AllowedValues, o.AllowedValues)
}

func sameObject(a, b map[string]any) bool {
	return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b)
}

// Definition is one version of a key's content, mostly the newest. It is never
// changed in place: whoever has one may keep it.
type Definition struct {
	Key
	Content
	// Version counts changes from 1; 0 means that there never was one.
	Version int64
	// UpdatedAt is the time of the version.
	UpdatedAt time.Time
	// Deleted marks a version that took the definition away; its content is
	// empty.
	Deleted bool
}

// Live tells whether the definition exists and is not deleted.
func (d Definition) Live() bool { return d.Version > 0 && !d.Deleted }

// ETag names version and content: "<version>-<hash>", without quotes. Deleted
// and undefined have none.
func (d Definition) ETag() string {
	if !d.Live() {
		return ""
	}
	// Content was checked to be JSON before it became a version.
	data, _ := json.Marshal(d.Content)
	sum := sha256.Sum256(data)
	return strconv.FormatInt(d.Version, 10) + "-" + hex.EncodeToString(sum[:6])
}

// Version is one entry of a definition's history.
type Version struct {
	// Number from 1 without gaps.
	Number int64
	// Author and time of the change.
	Author    string
	CreatedAt time.Time
	// Deleted marks a version that took the definition away.
	Deleted bool
	// Sequence of the log record that holds the content.
	Sequence uint64
}

// Past is a version with what it said.
type Past struct {
	Version
	Content
}
