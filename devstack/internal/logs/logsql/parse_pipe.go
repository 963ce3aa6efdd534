package logsql

import (
	"strconv"
	"strings"
)

// pipeParsers know the pipes by name; the token is the one after the name.
func pipeParser(name string) func(l *lexer) (pipe, error) {
	switch strings.ToLower(name) {
	case "fields", "keep":
		return (*lexer).fieldsPipe
	case "delete", "drop", "del", "rm":
		return (*lexer).deletePipe
	case "copy", "cp":
		return (*lexer).copyPipe
	case "rename", "mv":
		return (*lexer).renamePipe
	case "limit", "head":
		return (*lexer).limitPipe
	case "offset", "skip":
		return (*lexer).offsetPipe
	case "sort", "order":
		return (*lexer).sortPipe
	case "first":
		return func(l *lexer) (pipe, error) { return l.firstPipe(false) }
	case "last":
		return func(l *lexer) (pipe, error) { return l.firstPipe(true) }
	case "stats":
		return (*lexer).statsPipe
	case "uniq":
		return (*lexer).uniqPipe
	case "top":
		return (*lexer).topPipe
	case "filter", "where":
		return (*lexer).filterPipe
	case "field_names":
		return (*lexer).fieldNamesPipe
	case "field_values":
		return (*lexer).fieldValuesPipe
	case "facets":
		return (*lexer).facetsPipe
	case "blocks_count":
		return (*lexer).blocksCountPipe
	case "union":
		return (*lexer).unionPipe
	case "join":
		return (*lexer).joinPipe
	case "stream_context":
		return (*lexer).streamContextPipe
	case "sample":
		return (*lexer).samplePipe
	}
	return changeParser(name)
}

func changeParser(name string) func(l *lexer) (pipe, error) {
	switch strings.ToLower(name) {
	case "extract":
		return (*lexer).extractPipe
	case "extract_regexp":
		return (*lexer).extractRegexpPipe
	case "unpack_json":
		return func(l *lexer) (pipe, error) { return l.unpackPipe(unpackJSON) }
	case "unpack_logfmt":
		return func(l *lexer) (pipe, error) { return l.unpackPipe(unpackLogfmt) }
	case "unpack_words":
		return (*lexer).wordsPipe
	case "unroll":
		return (*lexer).unrollPipe
	case "math", "eval":
		return (*lexer).mathPipe
	case "format":
		return (*lexer).formatPipe
	case "replace":
		return (*lexer).replacePipe
	case "replace_regexp":
		return (*lexer).replaceRegexpPipe
	case "len", "hash", "json_array_len":
		return measurePipe(strings.ToLower(name))
	case "pack_json":
		return func(l *lexer) (pipe, error) { return l.packPipe(packJSON) }
	case "pack_logfmt":
		return func(l *lexer) (pipe, error) { return l.packPipe(packLogfmt) }
	case "collapse_nums":
		return (*lexer).collapsePipe
	case "decolorize":
		return (*lexer).decolorizePipe
	case "drop_empty_fields":
		return (*lexer).dropEmptyPipe
	case "block_stats", "unpack_syslog":
		return func(*lexer) (pipe, error) { return nil, unknown("the pipe " + name) }
	}
	return nil
}

func (l *lexer) pipes() (all []pipe, err error) {
	for l.is("|") {
		l.next()
		p, err := l.pipe()
		if err != nil {
			return nil, err
		}
		if !l.is(filterEnd...) {
			return nil, errorf("unexpected token %q after [%s]; expecting '|' or ')'", l.token, p)
		}
		all = append(all, p)
	}
	return all, nil
}

func (l *lexer) pipe() (pipe, error) {
	name, from := l.token, l.offset()
	if l.is(filterEnd...) {
		return nil, errorf("unexpected pipe %q", name)
	}
	parse := pipeParser(l.raw)
	before := *l
	if parse == nil && isStats(l.raw) && strings.HasPrefix(strings.TrimSpace(l.rest), "(") {
		parse = (*lexer).statsPipe
	} else if parse != nil {
		l.next()
	}
	if parse == nil {
		p, err := l.filterPipe()
		if err != nil || !l.is(filterEnd...) {
			*l = before
			return nil, errorf("unexpected pipe %q", name)
		}
		return p, nil
	}
	p, err := parse(l)
	if err != nil {
		return nil, errorf("cannot parse '%s' pipe: %w", name, err)
	}
	return named(p, strings.TrimSpace(l.whole[from:l.offset()])), nil
}

// named gives row pipes their text.
func named(p pipe, text string) pipe {
	switch p := p.(type) {
	case rowPipe:
		p.text = text
		return p
	case *sortPipe:
		p.text = text
	case *uniqPipe:
		p.text = text
	case *cutPipe:
		p.text = text
	case *otherPipe:
		p.text = text
	}
	return p
}

// count reads a number without sign.
func (l *lexer) count(what string) (int, error) {
	n, err := strconv.ParseUint(l.token, 10, 63)
	if err != nil {
		if f, ok := number(l.token); ok && f >= 0 && f < 1e15 {
			l.next()
			return int(f), nil
		}
		return 0, errorf("cannot parse %s from %q: cannot parse %q as unsigned integer: %w", what, l.token, l.token, err)
	}
	l.next()
	return int(n), nil
}
