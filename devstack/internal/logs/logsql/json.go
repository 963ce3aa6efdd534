package logsql

import (
	"time"
	"unicode/utf8"
)

// appendString writes a JSON string; broken UTF-8 becomes the replacement sign.
func appendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			dst = append(dst, s[from:i]...)
			switch c {
			case '"', '\\':
				dst = append(dst, '\\', c)
			case '\n':
				dst = append(dst, '\\', 'n')
			case '\t':
				dst = append(dst, '\\', 't')
			case '\r':
				dst = append(dst, '\\', 'r')
			default:
				dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
			i++
			from = i
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			dst = append(append(dst, s[from:i]...), "\ufffd"...)
			from = i + 1
		}
		i += n
	}
	return append(append(dst, s[from:]...), '"')
}

// AppendJSON writes a record as one JSON object; empty values are left out, a
// name that stands twice is written twice.
func AppendJSON(dst []byte, r *Record) []byte {
	dst = append(dst, '{')
	if r.Row == nil {
		for i := range r.Fields {
			dst = appendField(dst, &r.Fields[i])
		}
		return append(dst, '}')
	}
	dst = append(dst, `"_time":"`...)
	dst = time.Unix(0, r.Row.Time).UTC().AppendFormat(dst, time.RFC3339Nano)
	dst = append(append(append(dst, `","_stream_id":"`...), r.streamID()...), `","_stream":`...)
	dst = appendString(dst, r.Row.Stream.Text)
	msg := message(r.Fields)
	if msg >= 0 {
		dst = appendField(dst, &r.Fields[msg])
	}
	for i := range r.Fields {
		if i != msg {
			dst = appendField(dst, &r.Fields[i])
		}
	}
	return append(dst, '}')
}

func appendField(dst []byte, f *field) []byte {
	if f.Value == "" {
		return dst
	}
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	dst = append(appendString(dst, f.Name), ':')
	return appendString(dst, f.Value)
}

func jsonList(list []string) string {
	b := []byte{'['}
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, v)
	}
	return string(append(b, ']'))
}
