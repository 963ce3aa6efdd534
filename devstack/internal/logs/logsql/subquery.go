package logsql

// prepare asks for what the filters compare with.
func (c *call) prepare() error {
	c.answer(c.query.filter)
	for _, p := range c.query.pipes {
		if n, ok := p.(nesting); ok {
			n.nested(func(*Query) {}, c.answer)
		}
	}
	return c.err
}

// answer fills in(subquery) filters.
func (c *call) answer(f filter) {
	subqueries(f, func(in *inFilter) {
		if c.err == nil {
			c.err = c.fill(in)
		}
	})
}

func (c *call) fill(in *inFilter) error {
	name, err := in.query.column()
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	err = in.query.Run(c.ctx, c.from, func(r *Record) bool {
		seen[r.Get(name)] = true
		return true
	})
	in.values = in.values[:0]
	for v := range seen {
		in.values = append(in.values, v)
	}
	in.test = in.kind(in.values)
	return err
}

// column is the one field that a subquery of in() gives.
func (q *Query) column() (string, error) {
	if len(q.pipes) > 0 {
		if p, ok := q.pipes[len(q.pipes)-1].(oneColumn); ok {
			if name := p.column(); name != "" {
				return name, nil
			}
		}
	}
	return "", errorf("the subquery [%s] of in(...) must end with 'fields' or 'uniq' of a single field", q)
}

type oneColumn interface{ column() string }
