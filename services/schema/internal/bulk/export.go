package bulk

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// Header is the first line of an export.
func Header(kind Kind) []byte { return line(sheets[kind].columns) }

// Export writes a definition as rows that Parse reads back to the same. A
// metric has one row for each of its labels, or one without a label; other
// kinds have no labels. Cells that a spreadsheet could evaluate are guarded.
func Export(kind Kind, d definition.Change, labels []definition.Change) []byte {
	if kind != Metrics || len(labels) == 0 {
		return line(record(kind, d, definition.Change{}))
	}
	var out []byte
	for _, l := range labels {
		out = append(out, line(record(kind, d, l))...)
	}
	return out
}

// record leaves tenant and author empty: both come from whoever uploads.
func record(kind Kind, d, label definition.Change) []string {
	columns := sheets[kind].columns
	out := make([]string, 0, len(columns))
	for _, name := range columns {
		rest, ofLabel := strings.CutPrefix(name, "label_")
		if ofLabel {
			out = append(out, labelCell(rest, label))
		} else {
			out = append(out, cell(name, kind, d, label))
		}
	}
	return out
}

func cell(name string, kind Kind, d, label definition.Change) string {
	switch name {
	case "metric", "field", "operation":
		return d.Key.Name
	case "service":
		if kind == Operations {
			return d.Key.Parent
		}
		return d.Key.Name
	case "label":
		return label.Key.Name
	case "tags_json":
		return array(d.Content.Tags)
	case "examples_json":
		return array(d.Content.Examples)
	}
	text, _ := d.Content.Member(name).(string) // "" for the tenant and the author
	return text
}

func labelCell(member string, label definition.Change) string {
	switch {
	case member == "allowed_json":
		return encode(label.Content.Member("allowedValues"))
	case label.Key.Name == "":
		return ""
	case member == "required":
		return strconv.FormatBool(label.Content.Required)
	}
	text, _ := label.Content.Member(member).(string)
	return text
}

func array(list []string) string {
	if len(list) == 0 {
		return "[]"
	}
	return encode(list)
}

// encode writes JSON for people: without escapes that only HTML needs.
func encode(value any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// line is one record. Cells with separators of any locale are quoted, so that
// no spreadsheet finds a new cell inside one.
func line(cells []string) []byte {
	cells = slices.Clone(cells)
	for i, c := range cells {
		c = Guarded(c)
		if strings.ContainsAny(c, "\",;|\t\r\n ") {
			c = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
		}
		// Readers of CSV take one CR away before each LF.
		cells[i] = strings.ReplaceAll(c, "\r\n", "\r\r\n")
	}
	return []byte(strings.Join(cells, ",") + "\n")
}
