package metrics

import (
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/prometheus/prometheus/model/labels"
)

// appendString appends s as a JSON string.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(append(b, s[start:i]...), `\ufffd`...)
				start = i + 1
			}
			i += size
			continue
		}
		if c < 0x20 || c == '"' || c == '\\' {
			b = appendEscape(append(b, s[start:i]...), c)
			start = i + 1
		}
		i++
	}
	return append(append(b, s[start:]...), '"')
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	const hex = "0123456789abcdef"
	return append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

func appendLabels(b []byte, l labels.Labels) []byte {
	b = append(b, '{')
	first := true
	l.Range(func(p labels.Label) {
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(appendString(b, p.Name), ':')
		b = appendString(b, p.Value)
	})
	return append(b, '}')
}

// appendNumber writes a value as the real server does: never with an exponent.
func appendNumber(b []byte, v float64) []byte {
	if i := int64(v); float64(i) == v && i > -1e15 && i < 1e15 && (i != 0 || !math.Signbit(v)) {
		return strconv.AppendInt(b, i, 10)
	}
	switch {
	case math.IsInf(v, 1):
		return append(b, "+Inf"...)
	case math.IsInf(v, -1):
		return append(b, "-Inf"...)
	}
	return strconv.AppendFloat(b, v, 'f', -1, 64)
}

// appendMillis writes a time as seconds with up to three decimals.
func appendMillis(b []byte, t int64) []byte {
	b = strconv.AppendInt(b, t/1000, 10)
	ms := t % 1000
	if ms == 0 {
		return b
	}
	b = append(b, '.', byte('0'+ms/100))
	if ms%100 == 0 {
		return b
	}
	b = append(b, byte('0'+ms/10%10))
	if ms%10 == 0 {
		return b
	}
	return append(b, byte('0'+ms%10))
}

// appendPoint writes [time,"value"].
func appendPoint(b []byte, t int64, v float64) []byte {
	b = appendMillis(append(b, '['), t)
	b = appendNumber(append(b, `,"`...), v)
	return append(b, `"]`...)
}

// startList begins a list answer; partial is nil for the single node's form.
func startList(cluster bool, b []byte) []byte {
	return append(appendStatus(b, cluster), `"data":[`...)
}

func appendStatus(b []byte, cluster bool) []byte {
	b = append(b, `{"status":"success",`...)
	if cluster {
		b = append(b, `"isPartial":false,`...)
	}
	return b
}

// appendItem appends a string to a list that startList began.
func appendItem(b []byte, s string) []byte {
	if b[len(b)-1] != '[' {
		b = append(b, ',')
	}
	return appendString(b, s)
}
