package store

import (
	"encoding/binary"
	"strings"
)

// packer builds one chunk.
type packer struct {
	c       chunk
	streams map[*Stream]uint32
	shapes  map[string]uint32
	values  map[string]int // occurrences, then -1-place in dict
	names   map[string]string
	blob    []byte
	key     []byte
}

// pack makes a chunk of up to 65,536 rows that are in order of time.
func pack(rows []Row) *chunk {
	p := packer{streams: map[*Stream]uint32{}, shapes: map[string]uint32{}, values: map[string]int{}, names: map[string]string{}}
	for i := range rows {
		for _, f := range rows[i].Fields {
			p.values[f.Value]++
		}
	}
	p.c.times, p.c.of, p.c.offsets = make([]int64, len(rows)), make([]uint32, len(rows)), make([]uint32, len(rows))
	for i := range rows {
		p.c.times[i] = rows[i].Time
		p.c.offsets[i] = uint32(len(p.blob))
		p.c.of[i] = p.stream(rows[i].Stream)<<16 | p.shape(rows[i].Fields)
		p.fields(&rows[i])
	}
	c := p.c // alone, or the maps would stay with it
	c.blob = string(p.blob)
	return &c
}

func (p *packer) stream(s *Stream) uint32 {
	n, ok := p.streams[s]
	if !ok {
		n = uint32(len(p.c.streams))
		p.streams[s], p.c.streams = n, append(p.c.streams, s)
	}
	return n
}

func (p *packer) shape(fields []Field) uint32 {
	p.key = p.key[:0]
	for _, f := range fields {
		p.key = append(binary.AppendUvarint(p.key, uint64(len(f.Name))), f.Name...)
	}
	n, ok := p.shapes[string(p.key)]
	if !ok {
		n = uint32(len(p.c.shapes))
		names := make([]string, len(fields))
		for i, f := range fields {
			names[i] = p.name(f.Name)
		}
		p.shapes[string(p.key)], p.c.shapes = n, append(p.c.shapes, names)
	}
	return n
}

func (p *packer) name(name string) string {
	own, ok := p.names[name]
	if !ok {
		own = strings.Clone(name)
		p.names[own] = own
	}
	return own
}

func (p *packer) fields(r *Row) {
	for _, f := range r.Fields {
		seen := p.values[f.Value]
		switch {
		case f.Value != "" && r.Stream.Label(f.Name) == f.Value:
			p.blob = append(p.blob, 0)
		case seen < 0 || seen > 1 && len(f.Value) > 1:
			p.blob = binary.AppendUvarint(p.blob, uint64(p.place(f.Value, seen))<<1|1)
		default:
			p.blob = binary.AppendUvarint(p.blob, uint64(len(f.Value)+1)<<1)
			p.blob = append(p.blob, f.Value...)
		}
	}
}

func (p *packer) place(value string, seen int) int {
	if seen < 0 {
		return -1 - seen
	}
	at := len(p.c.dict)
	own := strings.Clone(value)
	p.values[own], p.c.dict = -1-at, append(p.c.dict, own)
	return at
}
