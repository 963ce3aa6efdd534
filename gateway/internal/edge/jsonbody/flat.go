package jsonbody

import (
	"bytes"
	"encoding/json"
)

// flat reads, in one pass, the object that nearly every body is: members that
// are texts, numbers, truth values or null, and names without escapes. ok is
// false for everything else, right or wrong: the full check then decides.
// body must be UTF-8; the members are parts of it.
func flat(body []byte) (members map[string]json.RawMessage, ok bool) {
	rest, ok := after(body, '{')
	if !ok {
		return nil, false
	}
	members = make(map[string]json.RawMessage, 8)
	for {
		var name, value []byte
		if name, rest, ok = text(space(rest)); !ok || bytes.IndexByte(name, '\\') >= 0 {
			return nil, false
		}
		if rest, ok = after(rest, ':'); !ok {
			return nil, false
		}
		if value, rest, ok = plain(space(rest)); !ok || members[string(name[1:len(name)-1])] != nil {
			return nil, false
		}
		members[string(name[1:len(name)-1])] = value
		if next, more := after(rest, ','); more {
			rest = next
			continue
		}
		rest, ok = after(rest, '}')
		return members, ok && len(space(rest)) == 0
	}
}

func space(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\n' || b[0] == '\t' || b[0] == '\r') {
		b = b[1:]
	}
	return b
}

func after(b []byte, sign byte) (rest []byte, ok bool) {
	if b = space(b); len(b) == 0 || b[0] != sign {
		return nil, false
	}
	return b[1:], true
}

// plain cuts off a value without members.
func plain(b []byte) (value, rest []byte, ok bool) {
	if len(b) > 0 && b[0] == '"' {
		return text(b)
	}
	end := bytes.IndexAny(b, ",} \n\t\r")
	if end <= 0 || b[0] == '{' || b[0] == '[' || !json.Valid(b[:end]) {
		return nil, nil, false
	}
	return b[:end:end], b[end:], true
}

// text cuts off a string with its quotes.
func text(b []byte) (value, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		return nil, nil, false
	}
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return b[: i+1 : i+1], b[i+1:], true
		case c < ' ':
			return nil, nil, false
		case c == '\\':
			if i++; i == len(b) || bytes.IndexByte([]byte(`"\/bfnrt`), b[i]) < 0 {
				return nil, nil, false
			}
		}
	}
	return nil, nil, false
}
