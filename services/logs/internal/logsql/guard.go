package logsql

import (
	"fmt"
	"slices"
	"strings"
)

// guard walks over the tokens of a query once.
type guard struct {
	lexer
	limits Limits
	// open brackets.
	open []bracket
	// last tokens before the current one, comments left out.
	last, beforeLast token
	pipes            []Pipe
	// pending tells that the current token follows a pipe sign.
	pending bool
	// tail is where the first pipe sign of the query itself is; -1 without.
	tail     int
	comments []token
}

// bracket is an opening sign.
type bracket struct {
	sign byte
	at   int
	// mixed ones, of ranges, may be closed by the other kind.
	mixed bool
}

func (g *guard) run() error {
	if at := strings.Index(strings.ToLower(g.in), "stream_context"); at >= 0 && g.limits.Scoped {
		return g.refuse(at, "stream_context is not available to your role", "use the context of a row instead")
	}
	for {
		t, ok, err := g.next()
		if err != nil {
			return err
		}
		if !ok {
			return g.end()
		}
		if t.kind == comment {
			g.comments = append(g.comments, t)
			continue
		}
		if err := g.token(t); err != nil {
			return err
		}
		g.beforeLast, g.last = g.last, t
	}
}

func (g *guard) token(t token) error {
	if g.pending {
		g.pending = false
		if err := g.pipe(t); err != nil {
			return err
		}
	}
	switch t.text {
	case "(", "[", "{":
		return g.begin(t)
	case ")", "]", "}":
		return g.finish(t)
	case "|":
		if g.tail < 0 && len(g.open) == 0 {
			g.tail = t.at
		}
		g.pending = true
	}
	return nil
}

// pipe judges what follows a pipe sign.
func (g *guard) pipe(t token) error {
	name := "filter"
	switch {
	case t.text == "|":
		return g.refuse(t.at, `unexpected pipe "|"`, "")
	case t.kind == word:
		var refused string
		if name, refused = pipeName(strings.ToLower(t.text), g.in[t.at+len(t.text):]); refused != "" {
			return g.refuse(t.at, refused, "known pipes: "+strings.Join(Pipes(), ", "))
		}
	}
	g.pipes = append(g.pipes, Pipe{Name: name, At: t.at, Depth: len(g.open)})
	return nil
}

func (g *guard) begin(t token) error {
	if t.text == "(" && g.last.kind == word && strings.EqualFold(g.last.text, "options") {
		return g.refuse(g.last.at, "options(...) is not available", "leave it out: limits are set by the server")
	}
	if len(g.open) == maxDepth {
		return g.refuse(t.at, "brackets are nested too deeply", "")
	}
	g.open = append(g.open, bracket{sign: t.text[0], at: t.at, mixed: t.text != "{" && g.ofRange(t)})
	return nil
}

// ofRange tells the brackets of ranges, where [ may be closed by ).
func (g *guard) ofRange(t token) bool {
	if !t.joined {
		return false
	}
	if g.last.kind == word {
		return slices.Contains(ranges, strings.ToLower(g.last.text))
	}
	return g.last.text == ":" && g.beforeLast.text == "_time"
}

var ranges = []string{"range", "string_range", "len_range", "day_range", "week_range", "ipv4_range"}

var opening = map[byte]byte{')': '(', ']': '[', '}': '{'}

func (g *guard) finish(t token) error {
	if len(g.open) == 0 {
		return g.refuse(t.at, fmt.Sprintf("unexpected %q", t.text), "")
	}
	b := g.open[len(g.open)-1]
	if b.sign != opening[t.text[0]] && (!b.mixed || t.text == "}") {
		return g.refuse(t.at, fmt.Sprintf("unexpected %q", t.text), "")
	}
	g.open = g.open[:len(g.open)-1]
	return nil
}

func (g *guard) end() error {
	if n := len(g.open); n > 0 {
		b := g.open[n-1]
		return g.refuse(b.at, fmt.Sprintf("%q is not closed", b.sign), "")
	}
	if g.pending {
		return g.refuse(len(g.in), "a pipe is missing at the end", "")
	}
	return nil
}

func (g *guard) refuse(at int, message, hint string) error {
	return &Error{Message: message, Hint: hint, Position: locate(g.in, at)}
}

// checked makes the result, without comments.
func (g *guard) checked() Checked {
	text := []byte(g.in)
	for _, c := range g.comments {
		for i := range c.text {
			text[c.at+i] = ' '
		}
	}
	c := Checked{Filter: string(text), Pipes: g.pipes, whole: string(text)}
	if g.tail >= 0 {
		c.Filter, c.Tail = string(text[:g.tail]), strings.TrimSpace(string(text[g.tail:]))
	}
	if strings.TrimSpace(c.Filter) == "" {
		c.Filter = "*"
	}
	c.Text = strings.TrimRight(c.Filter, " \t\r\n")
	if c.Tail != "" {
		c.Text += " " + c.Tail
	}
	return c
}
