package route

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// JSON lists the rows for programs: the leak test demands a case for each.
func (t *Table) JSON() ([]byte, error) {
	b, err := json.MarshalIndent(t.rows, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode rows: %w", err)
	}
	return append(b, '\n'), nil
}

const preamble = `# Routes

Generated from the route table; do not edit. A GET row also answers HEAD, every
path answers OPTIONS with 204. "public" needs no credential, "self" is open to
every signed-in user, anything else is a permission that a role must hold. A
cost of 0 is exempt from rate limits.

| Method | Path | Permission | Cost | Effect | Served by | Summary |
| --- | --- | --- | --- | --- | --- | --- |
`

// Markdown is docs/routes.md.
func (t *Table) Markdown() []byte {
	var b bytes.Buffer
	b.WriteString(preamble)
	for i := range t.rows {
		r := &t.rows[i]
		fmt.Fprintf(&b, "| %s | `%s` | %s | %d | %s | %s | %s |\n",
			r.Method, r.Pattern, r.Permission, r.Cost, r.Effect, servedBy(r), summary(r))
	}
	return b.Bytes()
}

func servedBy(r *Row) string {
	rpc := strings.TrimPrefix(r.RPC, "/")
	switch {
	case r.Transcoded():
		return "grpc-gateway: " + rpc
	case rpc != "":
		return "relay: " + rpc
	}
	return "gateway"
}

func summary(r *Row) string {
	if r.AliasOf != "" {
		return "Alias of `" + r.AliasOf + "`."
	}
	return strings.ReplaceAll(r.Summary, "|", "\\|")
}
