package store

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// Stream is what rows of one origin share.
type Stream struct {
	// Labels are sorted by name, each name once.
	Labels []Field
	// Text is {name="value",...}, the value of _stream.
	Text string
	hash string
}

var unlabelled = NewStream(nil)

// NewStream makes the stream of these labels. Empty values do not count; of a
// name that stands twice the first counts. Share it between rows: a stream
// takes more room than a row.
func NewStream(labels []Field) *Stream {
	labels = slices.DeleteFunc(slices.Clone(labels), func(f Field) bool { return f.Value == "" })
	slices.SortStableFunc(labels, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	labels = slices.CompactFunc(labels, func(a, b Field) bool { return a.Name == b.Name })
	for i, l := range labels {
		labels[i] = Field{strings.Clone(l.Name), strings.Clone(l.Value)}
	}
	return &Stream{Labels: labels, Text: text(labels), hash: hash(labels)}
}

// ID returns the value of _stream_id: 16 hex digits of tenant, 32 of the hash.
func (s *Stream) ID(t Tenant) string {
	return fmt.Sprintf("%08x%08x", t.Account, t.Project) + s.hash
}

// Label returns the value of a label, or "".
func (s *Stream) Label(name string) string {
	for _, l := range s.Labels {
		if l.Name == name {
			return l.Value
		}
	}
	return ""
}

func text(labels []Field) string {
	b := []byte{'{'}
	for i, l := range labels {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, l.Name...), '=')
		b = strconv.AppendQuote(b, l.Value)
	}
	return string(append(b, '}'))
}

// hash is VictoriaLogs' 128 bits over the labels: their number, then every
// name and value after its length; the second half goes on with a suffix.
func hash(labels []Field) string {
	b := binary.AppendUvarint(nil, uint64(len(labels)))
	for _, l := range labels {
		b = append(binary.AppendUvarint(b, uint64(len(l.Name))), l.Name...)
		b = append(binary.AppendUvarint(b, uint64(len(l.Value))), l.Value...)
	}
	h := xxhash.New()
	_, _ = h.Write(b)
	sum := binary.BigEndian.AppendUint64(nil, h.Sum64())
	_, _ = h.WriteString("magic!")
	return hex.EncodeToString(binary.BigEndian.AppendUint64(sum, h.Sum64()))
}
