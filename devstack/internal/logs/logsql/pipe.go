package logsql

// pipe is one step after the filter.
type pipe interface {
	// attach returns the sink that does the step before next.
	attach(c *call, next sink) sink
	String() string
}

// rowPipe looks at one record at a time: it changes or drops it.
type rowPipe struct {
	text   string
	only   filter // what is to be changed; nil means all
	inner  filter // what the filter pipe lets through
	change func(r *Record) bool
	single string // the one field that is left, if so
	adds   bool   // it only adds numbers
}

func (p rowPipe) String() string { return p.text }

func (p rowPipe) column() string { return p.single }

func (p rowPipe) nested(_ func(*Query), visit func(filter)) {
	for _, f := range []filter{p.only, p.inner} {
		if f != nil {
			visit(f)
		}
	}
}

func (p rowPipe) attach(_ *call, next sink) sink { return &rowSink{p, next} }

type rowSink struct {
	rowPipe
	next sink
}

func (s *rowSink) push(r *Record) bool {
	if s.only != nil && !s.only.match(r) {
		return s.next.push(r)
	}
	return !s.change(r) || s.next.push(r)
}

func (s *rowSink) end() { s.next.end() }

// otherPipe is a pipe that needs the run or more than one record.
type otherPipe struct {
	text    string
	make    func(c *call, next sink) sink
	query   *Query
	only    filter
	columns string
}

func (p *otherPipe) attach(c *call, next sink) sink { return p.make(c, next) }

func (p *otherPipe) String() string { return p.text }

func (p *otherPipe) column() string { return p.columns }

func (p *otherPipe) nested(visit func(*Query), visitFilter func(filter)) {
	if p.query != nil {
		visit(p.query)
	}
	if p.only != nil {
		visitFilter(p.only)
	}
}

// made is a record of its own with these fields.
func made(fields ...field) *Record { return &Record{Fields: fields} }
