package splice

import (
	"encoding/json"
	"unicode/utf8"
)

// maxText bounds a name or text that the scanner looks at.
const maxText = 4 << 10

// capture collects the text of one string, which may span pieces.
type capture struct {
	on, escaped bool
	from        int
	buf         []byte
}

func (c *capture) reset() { *c = capture{buf: c.buf[:0]} }

func (c *capture) start(from int) {
	c.on, c.escaped, c.from, c.buf = true, false, from, c.buf[:0]
}

func (c *capture) piece() { c.from = 0 }

// save keeps the text up to the end of the piece, or gives up on long ones.
func (c *capture) save(p []byte) {
	if !c.on {
		return
	}
	if len(c.buf)+len(p)-c.from > maxText {
		c.on = false
		return
	}
	c.buf = append(c.buf, p[c.from:]...)
}

// end returns the decoded text that ends before index i of the piece; ok is
// false when it was not wanted or is too long. It is valid until the next start.
func (c *capture) end(p []byte, i int) (text []byte, ok bool) {
	if !c.on {
		return nil, false
	}
	c.on = false
	text = p[c.from:i]
	if len(c.buf)+len(text) > maxText {
		return nil, false
	}
	if len(c.buf) > 0 {
		c.buf = append(c.buf, text...)
		text = c.buf
	}
	if c.escaped || !utf8.Valid(text) {
		text = decode(text)
	}
	return text, true
}

// decode gives the meaning of the inside of a JSON string that is known to be
// well-formed.
func decode(raw []byte) []byte {
	quoted := make([]byte, 0, len(raw)+2)
	quoted = append(append(append(quoted, '"'), raw...), '"')
	var text string
	if json.Unmarshal(quoted, &text) != nil {
		return raw
	}
	return []byte(text)
}
