package logsql

import (
	"slices"
)

func (l *lexer) uniqPipe() (pipe, error) {
	p := &uniqPipe{}
	if err := l.by(&p.by); err != nil {
		return nil, err
	}
	for {
		switch {
		case l.accept("with"):
			if !l.accept("hits") {
				return nil, errorf("missing 'hits' after 'with'")
			}
			p.hits = "hits"
		case l.accept("hits"):
			p.hits = "hits"
		case l.accept("limit"):
			n, err := l.count("'limit'")
			if err != nil {
				return nil, err
			}
			p.limit = n
		default:
			p.hits = p.free(p.hits)
			return p, nil
		}
	}
}

func (l *lexer) by(to *[]string) error {
	if !l.accept("by") && !l.is("(") {
		if l.is(filterEnd...) || l.is("with", "limit", "hits", "rank") {
			return nil
		}
		n, err := l.nameList()
		*to = n.exact
		return err
	}
	n, err := l.namesInParens()
	if err != nil {
		return errorf("cannot parse 'by' clause: %w", err)
	}
	if !n.all() {
		*to = n.exact
	}
	return nil
}

// free makes the name of the hits one that no field has.
func (p *uniqPipe) free(name string) string {
	for name != "" && slices.Contains(p.by, name) {
		name += "s"
	}
	return name
}

func (l *lexer) topPipe() (pipe, error) {
	p := &uniqPipe{top: true, limit: 10, hits: "hits"}
	if !l.is("by", "(") {
		n, err := l.count("N in 'top N'")
		if err != nil {
			return nil, err
		}
		p.limit = n
	}
	if err := l.by(&p.by); err != nil {
		return nil, err
	}
	for {
		var err error
		switch {
		case l.accept("hits"):
			l.accept("as")
			p.hits, err = l.name(true)
		case l.accept("rank"):
			p.rank, err = l.rankName()
		default:
			p.hits = p.free(p.hits)
			return p, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
