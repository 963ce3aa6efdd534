package criteria

import (
	"encoding/json"
	"io"
	"maps"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxTags of one search, and the bytes of their text.
	maxTags     = 32
	maxTagBytes = 16 << 10
)

// tags reads a JSON object, or key=value pairs separated by blanks as the
// search field of Jaeger's UI takes them (logfmt). Values become texts, since
// the back end takes nothing else.
func (r Reader) tags(text string, more map[string]string) (map[string]string, error) {
	text = strings.TrimSpace(text)
	if len(text) > maxTagBytes {
		return nil, r.refuse("tags", "are longer than 16384 bytes")
	}
	read := pairs
	if strings.HasPrefix(text, "{") {
		read = object
	}
	tags, problem := read(text)
	maps.Copy(tags, more)
	switch {
	case problem != "":
		return nil, r.refuse("tags", problem)
	case len(tags) > maxTags:
		return nil, r.refuse("tags", "are more than 32")
	}
	return tags, nil
}

// object reads {"key": text, number or boolean}.
func object(text string) (tags map[string]string, problem string) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var values map[string]any
	if err := dec.Decode(&values); err != nil {
		return map[string]string{}, "are not a JSON object"
	}
	if _, err := dec.Token(); err != io.EOF {
		return map[string]string{}, "have something behind the JSON object"
	}
	tags = make(map[string]string, len(values))
	for key, value := range values {
		switch v := value.(type) {
		case string:
			tags[key] = v
		case json.Number:
			tags[key] = v.String()
		case bool:
			tags[key] = map[bool]string{true: "true", false: "false"}[v]
		default:
			return map[string]string{}, "have a value that is no text, number or boolean"
		}
		if key == "" {
			return map[string]string{}, "have a key that is empty"
		}
	}
	return tags, ""
}

const notPairs = "are neither a JSON object nor key=value pairs"

// pairs reads key=value and key="quoted value"; the last of one key counts.
func pairs(text string) (tags map[string]string, problem string) {
	tags = map[string]string{}
	for rest := text; rest != ""; rest = strings.TrimLeftFunc(rest, unicode.IsSpace) {
		key, after, ok := strings.Cut(rest, "=")
		if !ok || key == "" || strings.ContainsFunc(key, func(r rune) bool { return unicode.IsSpace(r) || r == '"' }) {
			return map[string]string{}, notPairs
		}
		var value string
		if value, rest, ok = pairValue(after); !ok {
			return map[string]string{}, notPairs
		}
		tags[key] = value
	}
	return tags, ""
}

func pairValue(text string) (value, rest string, ok bool) {
	if !strings.HasPrefix(text, `"`) {
		end := strings.IndexFunc(text, unicode.IsSpace)
		if end < 0 {
			end = len(text)
		}
		return text[:end], text[end:], true
	}
	var out strings.Builder
	for i := 1; i < len(text); {
		if text[i] == '"' {
			rest = text[i+1:]
			first, _ := utf8.DecodeRuneInString(rest)
			return out.String(), rest, rest == "" || unicode.IsSpace(first)
		}
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		out.WriteString(text[i : i+size])
		i += size
	}
	return "", "", false
}
