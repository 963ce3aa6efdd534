package logsql

func (l *lexer) sortPipe() (pipe, error) {
	p := &sortPipe{limit: -1}
	if l.accept("by") || l.is("(") {
		if err := l.sortKeys(p); err != nil {
			return nil, errorf("cannot parse 'by' clause: %w", err)
		}
	}
	return p, l.sortOptions(p)
}

func (l *lexer) sortOptions(p *sortPipe) (err error) {
	for err == nil {
		switch {
		case l.accept("desc"):
			p.reverse = true
		case l.accept("asc"):
		case l.accept("limit"):
			p.limit, err = l.count("'limit'")
		case l.accept("offset"):
			p.skip, err = l.count("'offset'")
		case l.accept("rank"):
			p.rank, err = l.rankName()
		case l.accept("partition"):
			l.accept("by")
			var n names
			n, err = l.namesInParens()
			p.partition = n.exact
		default:
			return nil
		}
	}
	return err
}

func (l *lexer) rankName() (string, error) {
	l.accept("as")
	if l.is(filterEnd...) || l.is("limit", "offset") {
		return "rank", nil
	}
	return l.name(true)
}

func (l *lexer) sortKeys(p *sortPipe) error {
	if !l.accept("(") {
		return errorf("missing `(`")
	}
	for !l.is(")") {
		name, err := l.name(true)
		if err != nil {
			return err
		}
		key := sortKey{name: name, desc: l.accept("desc")}
		if !key.desc {
			l.accept("asc")
		}
		p.by = append(p.by, key)
		if !l.accept(",") && !l.is(")") {
			return errorf("unexpected token %q; want ',' or ')'", l.token)
		}
	}
	l.next()
	return nil
}

// firstPipe reads first or last N by (...).
func (l *lexer) firstPipe(last bool) (pipe, error) {
	p := &sortPipe{limit: 1, reverse: last}
	var err error
	if !l.is("by", "(", "partition", "rank") && !l.is(filterEnd...) {
		if p.limit, err = l.count("'limit'"); err != nil {
			return nil, err
		}
	}
	if l.accept("by") || l.is("(") {
		if err := l.sortKeys(p); err != nil {
			return nil, errorf("cannot parse 'by' clause: %w", err)
		}
	}
	return p, l.sortOptions(p)
}
