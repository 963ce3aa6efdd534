package splice

import (
	"encoding/binary"
	"math/bits"
)

// points consumes whole samples `[time,"value"]` at the start of p: n bytes
// with count samples. Each takes the comma behind it along, so another value
// must follow, except the last of its array, after which the bracket that
// closes the array follows. It stops before whatever is not plainly a sample,
// for the careful scanner to judge.
//
// Answers consist of samples for the most part: this is where the time goes.
func points(p []byte) (n, count int, last bool) {
	for {
		end := point(p[n:])
		if end == 0 {
			return n, count, false
		}
		count++
		if p[n+end] != ',' {
			return n + end, count, true
		}
		n += end + 1
	}
}

// point returns the length of the sample at the start of p, when a comma or a
// closing bracket or brace follows it, else 0. Of a value's bytes, eight at a
// time, those below '+' end it and those with the bits 0xc0 are not part of a
// plain number (NaN, exponents, backslashes): plain looks at these.
func point(p []byte) int {
	if len(p) < 24 || p[0] != '[' || p[1] == '0' || !digits(binary.LittleEndian.Uint64(p[1:])) {
		return 0
	}
	i := 13
	if !twoDigitsThenText(binary.LittleEndian.Uint32(p[9:])) {
		if i = timeEnds(p); i == 0 {
			return 0
		}
	}
	for ; i+8 <= len(p); i += 8 {
		w := binary.LittleEndian.Uint64(p[i:])
		end := (w - ones*'+') &^ w & highs
		odd := w & (ones * 0xc0)
		if end != 0 {
			odd &= (end - 1) &^ end
		}
		if odd != 0 {
			return pointEnds(p, plain(p, i))
		}
		if end != 0 {
			return pointEnds(p, i+bits.TrailingZeros64(end)>>3)
		}
	}
	return 0
}

// pointEnds checks that i is the quote behind the value and returns the length
// of the sample.
func pointEnds(p []byte, i int) int {
	if i+2 >= len(p) || p[i] != '"' || p[i+1] != ']' {
		return 0
	}
	if c := p[i+2]; c != ',' && c != ']' && c != '}' {
		return 0
	}
	return i + 2
}

// digits tells whether all eight bytes of w are decimal digits.
func digits(w uint64) bool {
	return w&(ones*0xf0)|(w+ones*6)&(ones*0xf0)>>4 == ones*0x33
}

// twoDigitsThenText tells whether the bytes of w are the last two digits of a
// time in whole seconds, a comma and a quote: the form of nearly all samples.
func twoDigitsThenText(w uint32) bool {
	const comma, quote = ',' << 16, '"' << 24
	return w&0xfffff0f0 == comma|quote|0x3030 && (w+0x0606)&0xf0f0 == 0x3030
}

// timeEnds returns the index behind `[time,"` whose first eight digits are
// known, or 0.
func timeEnds(p []byte) int {
	i := digitsEnd(p, 9)
	if i+1 < len(p) && p[i] == '.' && digit(p[i+1]) {
		i = digitsEnd(p, i+1)
	}
	if i+1 < len(p) && p[i] == ',' && p[i+1] == '"' {
		return i + 2
	}
	return 0
}

func digitsEnd(p []byte, i int) int {
	for i < len(p) && digit(p[i]) {
		i++
	}
	return i
}
