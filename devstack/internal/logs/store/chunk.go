package store

// chunk is some thousand rows in order of time, packed so that the garbage
// collector has next to nothing to look at. A row is, in blob at its offset,
// one number per field of its shape: 0 is the stream's label of that name, an
// even one the length of the value that follows, an odd one a place in dict.
type chunk struct {
	times   []int64
	streams []*Stream
	shapes  [][]string // names of the fields
	of      []uint32   // stream<<16 | shape, per row
	offsets []uint32
	dict    []string
	blob    string
}

func (c *chunk) first() int64 { return c.times[0] }

func (c *chunk) last() int64 { return c.times[len(c.times)-1] }

// unpack fills r with row i; the strings stay good, the slice is r's own.
func (c *chunk) unpack(i int, r *Row) {
	r.Time = c.times[i]
	r.Stream = c.streams[c.of[i]>>16]
	r.Fields = r.Fields[:0]
	at := int(c.offsets[i])
	for _, name := range c.shapes[c.of[i]&0xffff] {
		var value string
		value, at = c.value(r.Stream, name, at)
		r.Fields = append(r.Fields, Field{name, value})
	}
}

func (c *chunk) value(s *Stream, name string, at int) (string, int) {
	n, at := number(c.blob, at)
	switch {
	case n == 0:
		return s.Label(name), at
	case n&1 == 1:
		return c.dict[n>>1], at
	}
	end := at + n>>1 - 1
	return c.blob[at:end], end
}

// number reads a varint as encoding/binary writes it, from a string.
func number(s string, at int) (int, int) {
	n, shift := 0, 0
	for ; s[at] >= 0x80; at++ {
		n |= int(s[at]&0x7f) << shift
		shift += 7
	}
	return n | int(s[at])<<shift, at + 1
}
