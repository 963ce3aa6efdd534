package ingest

import (
	"io"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
)

// Text reads the Prometheus text format; samples without a time get at (Unix
// milliseconds).
func Text(r io.Reader, at int64, sink Sink) error {
	c := newCollector(sink)
	return c.lines(r, func(line string) error {
		if line[0] == '#' {
			c.describe(line)
			return nil
		}
		return c.textLine(line, at)
	})
}

func (c *collector) textLine(line string, at int64) error {
	name, rest := splitSeries(line)
	fields := strings.Fields(rest)
	if len(fields) == 0 || len(fields) > 2 && !strings.HasPrefix(fields[2], "#") {
		return nil
	}
	v, err := strconv.ParseFloat(fields[0], 64)
	if err != nil {
		return nil
	}
	if len(fields) > 1 && !strings.HasPrefix(fields[1], "#") {
		t, err := strconv.ParseFloat(fields[1], 64)
		if err != nil {
			return nil
		}
		at = int64(t)
	}
	return c.add(name, func() (labels.Labels, bool) { return parseSeries(name) }, at, v)
}

// describe takes # HELP and # TYPE lines.
func (c *collector) describe(line string) {
	parts := strings.SplitN(line, " ", 4)
	if len(parts) < 4 || parts[0] != "#" {
		return
	}
	m := c.meta[parts[2]]
	switch parts[1] {
	case "HELP":
		m.Help = strings.NewReplacer(`\\`, `\`, `\n`, "\n").Replace(parts[3])
	case "TYPE":
		m.Type = strings.TrimSpace(parts[3])
	default:
		return
	}
	c.meta[parts[2]] = m
}

// splitSeries cuts a line behind its series: behind the closing brace outside
// of quotes, or at the first blank.
func splitSeries(line string) (series, rest string) {
	quoted := false
	braces := false
	for i := 0; i < len(line); i++ {
		switch ch := line[i]; {
		case quoted && ch == '\\':
			i++
		case ch == '"':
			quoted = !quoted
		case quoted:
		case ch == '{':
			braces = true
		case ch == '}':
			return line[:i+1], line[i+1:]
		case !braces && (ch == ' ' || ch == '\t'):
			if next := strings.TrimLeft(line[i:], " \t"); strings.HasPrefix(next, "{") {
				continue
			}
			return line[:i], line[i:]
		}
	}
	return line, ""
}

// parseSeries reads name{label="value",...} and {"name","label"="value"}.
func parseSeries(s string) (labels.Labels, bool) {
	name, inner, braces := strings.Cut(s, "{")
	all := map[string]string{}
	if name = strings.TrimSpace(name); name != "" {
		if strings.ContainsAny(name, " \t\",=") {
			return labels.EmptyLabels(), false
		}
		all[model.MetricNameLabel] = name
	}
	if braces && !parseLabels(strings.TrimSuffix(inner, "}"), all) {
		return labels.EmptyLabels(), false
	}
	return fromMap(all), all[model.MetricNameLabel] != ""
}

func parseLabels(s string, into map[string]string) bool {
	for {
		s = strings.TrimLeft(s, " \t,")
		if s == "" {
			return true
		}
		key, rest, ok := labelName(s)
		if !ok {
			return false
		}
		if !strings.HasPrefix(rest, "=") {
			into[model.MetricNameLabel], s = key, rest
			continue
		}
		value, rest, ok := unquote(strings.TrimLeft(rest[1:], " \t"))
		if !ok {
			return false
		}
		into[key], s = value, rest
	}
}

func labelName(s string) (name, rest string, ok bool) {
	if s[0] == '"' {
		name, rest, ok = unquote(s)
		return name, strings.TrimLeft(rest, " \t"), ok
	}
	i := strings.IndexByte(s, '=')
	if i <= 0 {
		return "", "", false
	}
	return strings.TrimSpace(s[:i]), s[i:], true
}

// unquote reads a string in double quotes at the start of s.
func unquote(s string) (value, rest string, ok bool) {
	if s == "" || s[0] != '"' {
		return "", "", false
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:], true
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteString(unescape(s[i]))
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", false
}

func unescape(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case '"', '\\':
		return string(rune(c))
	}
	return `\` + string(rune(c))
}
