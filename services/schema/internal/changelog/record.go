// Package changelog is the form of changes in the log: subjects and records.
// Every store of definitions is a fold over these records.
package changelog

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// maxRecord keeps a record below what a NATS server takes.
const maxRecord = 1_000_000

// Record versions that can be read; the newest is written. What is not known
// is skipped.
const (
	firstVersion = 1
	version      = 2
)

// record is one batch as it stands in the log. Its tenant is in the subject,
// its time is that of the append.
type record struct {
	Version int      `json:"v"`
	Author  string   `json:"author,omitempty"`
	Changes []change `json:"changes,omitempty"`
	first
}

type change struct {
	Kind   definition.Kind `json:"kind"`
	Parent string          `json:"parent,omitempty"`
	Name   string          `json:"name"`
	Delete bool            `json:"delete,omitempty"`
	definition.Content
}

// Encode writes a batch as a record. A batch that no record can hold is the
// fault too_large.
func Encode(b definition.Batch) ([]byte, error) {
	r := record{Version: version, Author: b.Author}
	for _, c := range b.Changes {
		r.Changes = append(r.Changes, change{c.Key.Kind, c.Key.Parent, c.Key.Name, c.Delete, c.Content})
	}
	var buf bytes.Buffer
	w := json.NewEncoder(&buf)
	w.SetEscapeHTML(false)
	if err := w.Encode(r); err != nil {
		return nil, fmt.Errorf("encode changes: %w", err)
	}
	if buf.Len() > maxRecord {
		return nil, fault.New(fault.CodeTooLarge, "upsert failed").
			WithDetail("the definitions have %d bytes, more than the %d of one change", buf.Len(), maxRecord)
	}
	return buf.Bytes(), nil
}

// Decode reads author and changes of a record; the tenant stays empty.
func Decode(data []byte) (definition.Batch, error) {
	var r record
	if err := json.Unmarshal(data, &r); err != nil {
		return definition.Batch{}, fmt.Errorf("decode changes: %w", err)
	}
	b := definition.Batch{Author: r.Author}
	switch r.Version {
	case firstVersion:
		b.Changes = r.changes()
		return b, nil
	case version:
	default:
		return definition.Batch{}, fmt.Errorf("decode changes: version %d is not known", r.Version)
	}
	for _, c := range r.Changes {
		if !c.Kind.Known() {
			return definition.Batch{}, fmt.Errorf("decode changes: kind %q is not known", c.Kind)
		}
		b.Changes = append(b.Changes, definition.Change{
			Key: definition.Key{Kind: c.Kind, Parent: c.Parent, Name: c.Name}, Content: c.Content, Delete: c.Delete})
	}
	return b, nil
}
