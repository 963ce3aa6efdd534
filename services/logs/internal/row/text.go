package row

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// text of a JSON value: a string is unquoted, anything else stays as it is.
func text(raw []byte) string {
	if len(raw) < 2 || raw[0] != '"' {
		return string(raw)
	}
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	var s string
	// The scanner has checked it.
	_ = json.Unmarshal(raw, &s)
	return s
}

const hexadecimal = "0123456789abcdef"

// AppendString adds s as a JSON string. What is not UTF-8 becomes U+FFFD.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
			continue
		}
		dst = appendASCII(dst, c)
		i++
	}
	return append(dst, '"')
}

func appendASCII(dst []byte, c byte) []byte {
	switch {
	case c == '"' || c == '\\':
		return append(dst, '\\', c)
	case c == '\n':
		return append(dst, '\\', 'n')
	case c == '\t':
		return append(dst, '\\', 't')
	case c == '\r':
		return append(dst, '\\', 'r')
	case c < ' ':
		return append(dst, '\\', 'u', '0', '0', hexadecimal[c>>4], hexadecimal[c&15])
	}
	return append(dst, c)
}
