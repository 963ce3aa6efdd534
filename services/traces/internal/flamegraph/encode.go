package flamegraph

import (
	"encoding/json"
	"io"
	"strconv"
)

// flushAt is how much text is gathered before it is written.
const flushAt = 32 << 10

// visit is a node whose children are being written.
type visit struct {
	node *Node
	next int
}

// Encode writes the graph as {"name","value","children"?,"spanId"?,"service"?}.
// It does not recurse.
func (n *Node) Encode(to io.Writer) error {
	out := n.begin(nil)
	stack := []visit{{node: n}}
	for len(stack) > 0 {
		at := &stack[len(stack)-1]
		if at.next == len(at.node.Children) {
			out = at.node.end(out)
			stack = stack[:len(stack)-1]
			continue
		}
		if at.next > 0 {
			out = append(out, ',')
		}
		child := at.node.Children[at.next]
		at.next++
		out = child.begin(out)
		stack = append(stack, visit{node: child})
		if len(out) >= flushAt {
			if _, err := to.Write(out); err != nil {
				return err
			}
			out = out[:0]
		}
	}
	_, err := to.Write(out)
	return err
}

func (n *Node) begin(out []byte) []byte {
	out = text(append(out, `{"name":`...), n.Name)
	out = strconv.AppendInt(append(out, `,"value":`...), n.Value, 10)
	if n.SpanID != "" {
		out = text(append(out, `,"spanId":`...), n.SpanID)
	}
	if n.Service != "" {
		out = text(append(out, `,"service":`...), n.Service)
	}
	if len(n.Children) > 0 {
		out = append(out, `,"children":[`...)
	}
	return out
}

func (n *Node) end(out []byte) []byte {
	if len(n.Children) > 0 {
		out = append(out, ']')
	}
	return append(out, '}')
}

func text(out []byte, s string) []byte {
	raw, err := json.Marshal(s)
	if err != nil {
		raw = []byte(`""`)
	}
	return append(out, raw...)
}
