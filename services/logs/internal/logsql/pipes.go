package logsql

import (
	"fmt"
	"slices"
	"strings"
)

// aliases of pipes by name; every known pipe stands here. Left out on purpose:
// blocks_count and block_stats, which show how the back end stores, and pipes
// that a back end may not know, because it reads them as a word to look for.
var aliases = map[string]string{
	"collapse_nums": "collapse_nums", "copy": "copy", "cp": "copy", "decolorize": "decolorize",
	"delete": "delete", "del": "delete", "rm": "delete", "drop": "delete", "drop_empty_fields": "drop_empty_fields",
	"extract": "extract", "extract_regexp": "extract_regexp", "facets": "facets", "field_names": "field_names",
	"field_values": "field_values", "fields": "fields", "keep": "fields", "filter": "filter", "where": "filter",
	"first": "first", "format": "format", "hash": "hash", "join": "join", "json_array_len": "json_array_len",
	"last": "last", "len": "len", "limit": "limit", "head": "limit", "math": "math", "eval": "math",
	"offset": "offset", "skip": "offset", "pack_json": "pack_json", "pack_logfmt": "pack_logfmt",
	"rename": "rename", "mv": "rename", "replace": "replace", "replace_regexp": "replace_regexp", "sample": "sample",
	"sort": "sort", "order": "sort", "stats": "stats", "by": "stats", "stream_context": "stream_context",
	"top": "top", "union": "union", "uniq": "uniq", "unpack_json": "unpack_json", "unpack_logfmt": "unpack_logfmt",
	"unpack_syslog": "unpack_syslog", "unpack_words": "unpack_words", "unroll": "unroll",
}

// functions of stats, which may stand without the word.
var functions = []string{"avg", "count", "count_empty", "count_uniq", "count_uniq_hash", "histogram", "max", "median",
	"min", "quantile", "rate", "rate_sum", "row_any", "row_max", "row_min", "sum", "sum_len", "uniq_values", "values"}

// perRow are the pipes that change rows one by one: each row that comes out is
// one that went in.
var perRow = []string{"collapse_nums", "copy", "decolorize", "delete", "drop_empty_fields", "extract", "extract_regexp",
	"fields", "filter", "format", "hash", "json_array_len", "len", "math", "pack_json", "pack_logfmt", "rename", "replace",
	"replace_regexp", "unpack_json", "unpack_logfmt", "unpack_syslog", "unpack_words"}

// Pipes lists the names of the pipes that pass, sorted.
func Pipes() []string {
	var names []string
	for name, pipe := range aliases {
		if name == pipe {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// pipeName gives the pipe that begins with the word, or why it is refused.
// A filter may stand without the word "filter" when it names a field.
func pipeName(first, rest string) (name, refused string) {
	if name, ok := aliases[first]; ok {
		return name, ""
	}
	if slices.Contains(functions, first) && strings.HasPrefix(strings.TrimLeft(rest, " "), "(") {
		return "stats", ""
	}
	if namesField(rest) {
		return "filter", ""
	}
	return "", fmt.Sprintf("unexpected pipe %q", first)
}

// namesField tells that what follows a word makes it the name of a field:
// more of a name, then a colon.
func namesField(rest string) bool {
	for i := range len(rest) {
		switch c := rest[i]; {
		case c == ':':
			return true
		case c == '.' || c == '-' || c == '/' || c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80:
		default:
			return false
		}
	}
	return false
}

// RowByRow tells that every pipe of the query itself leaves rows what they
// are; otherwise it names the first that does not.
func (c Checked) RowByRow() (Pipe, bool) {
	for _, p := range c.Pipes {
		if p.Depth == 0 && !slices.Contains(perRow, p.Name) {
			return p, false
		}
	}
	return Pipe{}, true
}

// OnlyFilters tells that the query has no pipes but filters; otherwise it
// names the first other one.
func (c Checked) OnlyFilters() (Pipe, bool) {
	for _, p := range c.Pipes {
		if p.Depth == 0 && p.Name != "filter" {
			return p, false
		}
	}
	return Pipe{}, true
}

// RowsPart is the query up to the first pipe that joins, cuts or orders rows:
// what is left are the rows themselves. It is itself a query.
func (c Checked) RowsPart() string {
	p, all := c.RowByRow()
	if all {
		return c.Text
	}
	sign := strings.LastIndexByte(c.whole[:p.At], '|')
	part := strings.TrimSpace(c.whole[:sign])
	if part == "" || strings.HasPrefix(part, "|") {
		part = strings.TrimSpace("* " + part)
	}
	return part
}
