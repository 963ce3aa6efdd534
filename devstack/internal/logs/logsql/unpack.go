package logsql

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// unpacker finds the fields in a text; nil when there are none.
type unpacker func(text string) []store.Field

// unpackPipe reads what all unpack pipes share.
func (l *lexer) unpackPipe(unpack unpacker) (pipe, error) {
	p := rowPipe{}
	var err error
	if p.only, err = l.condition(); err != nil {
		return nil, err
	}
	from, prefix := fieldMsg, ""
	var only names
	keep, skipEmpty := false, false
	for err == nil {
		switch {
		case l.accept("from"):
			from, err = l.name(true)
		case l.accept("fields"):
			only, err = l.namesInParens()
		case l.accept("result_prefix"):
			prefix, err = l.value()
		case l.accept("keep_original_fields"):
			keep = true
		case l.accept("skip_empty_results"):
			skipEmpty = true
		default:
			p.change = func(r *Record) bool {
				for _, f := range unpack(r.Get(from)) {
					if only.all() || only.match(f.Name) {
						setResult(r, prefix+f.Name, f.Value, keep, skipEmpty)
					}
				}
				return true
			}
			return p, nil
		}
	}
	return nil, err
}

func setResult(r *Record, name, value string, keep, skipEmpty bool) {
	if keep && r.Get(name) != "" || skipEmpty && value == "" {
		return
	}
	r.set(name, value)
}

// unpackJSON flattens an object: nested names get dots, lists stay JSON text.
func unpackJSON(text string) []store.Field {
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	fields, err := flatten(d, "", nil)
	if err != nil {
		return nil
	}
	return fields
}

// flatten reads one value; name is what it is called.
func flatten(d *json.Decoder, name string, all []store.Field) ([]store.Field, error) {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return nil, err
	}
	switch raw[0] {
	case '{':
		return flattenObject(raw, name, all)
	case '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return append(all, store.Field{Name: name, Value: s}), err
	case 'n':
		return all, nil
	case '[':
		var b bytes.Buffer
		if err := json.Compact(&b, raw); err != nil {
			return nil, err
		}
		return append(all, store.Field{Name: name, Value: b.String()}), nil
	}
	return append(all, store.Field{Name: name, Value: string(raw)}), nil
}

func flattenObject(raw json.RawMessage, name string, all []store.Field) ([]store.Field, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if name != "" {
		name += "."
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		if all, err = flatten(d, name+key.(string), all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// unpackLogfmt reads a=b c="d e" f.
func unpackLogfmt(text string) (all []store.Field) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		n := strings.IndexAny(text, "= ")
		if n < 0 || text[n] == ' ' {
			name, rest, _ := strings.Cut(text, " ")
			all, text = append(all, store.Field{Name: name}), rest
			continue
		}
		name := text[:n]
		value, rest := logfmtValue(text[n+1:])
		all, text = append(all, store.Field{Name: name, Value: value}), rest
	}
	return all
}

func logfmtValue(s string) (value, rest string) {
	if raw, err := strconv.QuotedPrefix(s); err == nil {
		if v, err := strconv.Unquote(raw); err == nil {
			return v, s[len(raw):]
		}
	}
	value, rest, _ = strings.Cut(s, " ")
	return value, rest
}

// wordsPipe makes a list of the words of a field.
func (l *lexer) wordsPipe() (pipe, error) {
	l.accept("from")
	from := fieldMsg
	var err error
	if !l.is(filterEnd...) && !l.is("as", "drop_duplicates") {
		if from, err = l.name(true); err != nil {
			return nil, err
		}
	}
	to := from
	if l.accept("as") {
		to, err = l.name(true)
	}
	once := l.accept("drop_duplicates")
	return rowPipe{change: func(r *Record) bool {
		words := strings.FieldsFunc(r.Get(from), func(c rune) bool { return !isWordRune(c) })
		if once {
			seen := map[string]bool{}
			words = slices.DeleteFunc(words, func(w string) bool { old := seen[w]; seen[w] = true; return old })
		}
		r.set(to, jsonList(words))
		return true
	}}, err
}

// unrollPipe makes a row of each member of a JSON list.
func (l *lexer) unrollPipe() (pipe, error) {
	only, err := l.condition()
	if err != nil {
		return nil, err
	}
	var by []string
	if err := l.by(&by); err != nil {
		return nil, err
	}
	return &otherPipe{only: only, make: func(_ *call, next sink) sink { return &unrollSink{by, only, next} }}, nil
}

type unrollSink struct {
	by   []string
	only filter
	next sink
}

func (s *unrollSink) push(r *Record) bool {
	if s.only != nil && !s.only.match(r) {
		return s.next.push(r)
	}
	lists, most := make([][]string, len(s.by)), 0
	for i, name := range s.by {
		lists[i] = members(r.Get(name))
		most = max(most, len(lists[i]))
	}
	for n := range most {
		row := r.clone()
		for i, name := range s.by {
			value := ""
			if n < len(lists[i]) {
				value = lists[i][n]
			}
			row.set(name, value)
		}
		if !s.next.push(row) {
			return false
		}
	}
	return true
}

func (s *unrollSink) end() { s.next.end() }

// members are the values of a JSON list as texts; what is none is its own.
func members(text string) (all []string) {
	var list []json.RawMessage
	if json.Unmarshal([]byte(text), &list) != nil {
		return []string{text}
	}
	for _, raw := range list {
		var s string
		if json.Unmarshal(raw, &s) != nil {
			s = string(raw)
		}
		all = append(all, s)
	}
	return all
}
