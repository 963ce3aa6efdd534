package definitions

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// where tells how to fill a placeholder.
const where = " Add it with POST /api/v1/schema/metrics."

func appendDefinitions(dst []byte, known map[string]Known, w Wanted, o Options) []byte {
	dst = append(dst, `{"metrics":{`...)
	for i, name := range w.Metrics {
		dst = appendKey(dst, i, name)
		dst = appendMetric(dst, name, known[name].Metric)
	}
	dst = append(dst, '}')
	if !o.Minimal {
		dst = append(dst, `,"labels":{`...)
		for i, name := range w.Metrics {
			dst = appendKey(dst, i, name)
			dst = appendLabels(dst, name, known[name].Labels, o.keys(name, w, known[name].Labels))
		}
		dst = append(dst, '}')
	}
	return append(dst, '}')
}

func appendMetric(dst []byte, name string, m *Metric) []byte {
	if m == nil {
		return appendPlaceholder(dst, "No definition for metric "+name+" yet.")
	}
	dst = appendText(append(dst, `{"tenantId":`...), m.Tenant)
	dst = appendText(append(dst, `,"metric":`...), m.Name)
	dst = appendText(append(dst, `,"description":`...), m.Description)
	dst = appendText(append(dst, `,"owner":`...), m.Owner)
	dst = appendTexts(append(dst, `,"tags":`...), m.Tags)
	dst = append(dst, `,"updatedAt":"`...)
	dst = m.Updated.UTC().AppendFormat(dst, time.RFC3339Nano)
	return append(dst, `"}`...)
}

// appendLabels writes the keys, which are sorted as the defined ones are.
func appendLabels(dst []byte, metric string, defined []Label, keys []string) []byte {
	byName := make(map[string]Label, len(defined))
	for _, l := range defined {
		byName[l.Name] = l
	}
	dst = append(dst, '{')
	for i, key := range keys {
		dst = appendKey(dst, i, key)
		if l, ok := byName[key]; ok {
			dst = appendLabel(dst, l)
			continue
		}
		dst = appendPlaceholder(dst, "No definition for label "+key+" of metric "+metric+" yet.")
	}
	return append(dst, '}')
}

func appendLabel(dst []byte, l Label) []byte {
	dst = appendText(append(dst, `{"tenantId":`...), l.Tenant)
	dst = appendText(append(dst, `,"metric":`...), l.Metric)
	dst = appendText(append(dst, `,"label":`...), l.Name)
	dst = appendText(append(dst, `,"type":`...), l.Type)
	dst = strconv.AppendBool(append(dst, `,"required":`...), l.Required)
	dst = append(dst, `,"allowedValues":`...)
	if l.Allowed == nil {
		dst = append(dst, '{', '}')
	}
	dst = append(dst, l.Allowed...)
	dst = appendText(append(dst, `,"description":`...), l.Description)
	return append(dst, '}')
}

func appendPlaceholder(dst []byte, text string) []byte {
	return append(appendText(append(dst, `{"definition":`...), text+where), '}')
}

func appendKey(dst []byte, i int, key string) []byte {
	if i > 0 {
		dst = append(dst, ',')
	}
	return append(appendText(dst, key), ':')
}

func appendTexts(dst []byte, list []string) []byte {
	dst = append(dst, '[')
	for i, s := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, s)
	}
	return append(dst, ']')
}

const hex = "0123456789abcdef"

// appendText writes a JSON string. Invalid UTF-8 becomes the replacement
// character, as JSON has no other way.
func appendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r < ' ' || r == 0x7f:
			dst = append(dst, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}
