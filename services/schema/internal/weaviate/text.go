package weaviate

import (
	"fmt"
	"strings"
)

// quote writes a text as a GraphQL string. It is the only way a text of a
// caller gets into a question.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(text, "\uFFFD") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r == '\ufeff':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func quoteAll(list []string) string {
	out := make([]string, len(list))
	for i, text := range list {
		out[i] = quote(text)
	}
	return "[" + strings.Join(out, ",") + "]"
}

// filter is a where clause; all of its operands must hold.
type filter []string

// of begins the filter of every question: one tenant.
func of(tenant string) filter { return filter(nil).text("tenantId", "Equal", tenant) }

func (f filter) text(property, operator, value string) filter {
	return append(f, fmt.Sprintf(`{path:[%q],operator:%s,valueText:%s}`, property, operator, quote(value)))
}

func (f filter) anyOf(property string, values []string) filter {
	return append(f, fmt.Sprintf(`{path:[%q],operator:ContainsAny,valueText:%s}`, property, quoteAll(values)))
}

// live leaves deleted definitions out.
func (f filter) live() filter {
	return append(f, `{path:["deleted"],operator:NotEqual,valueBoolean:true}`)
}

func (f filter) String() string {
	return "where:{operator:And,operands:[" + strings.Join(f, ",") + "]}"
}
