package logsql

import (
	"encoding/json"
	"slices"
	"strings"
)

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
