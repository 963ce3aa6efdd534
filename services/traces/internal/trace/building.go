package trace

// trace reads one trace. Processes may stand behind the spans that refer to
// them.
func (r *reader) trace() error {
	if err := r.open('{'); err != nil {
		return err
	}
	t := &building{processes: map[string]string{}}
	err := r.members(func(name string) error {
		switch name {
		case "traceID":
			return r.dec.Decode(&t.trace.ID)
		case "spans":
			return r.array(func() error { return r.take(t) })
		case "processes":
			return r.processes(t)
		}
		return r.skip()
	})
	if err != nil {
		return err
	}
	t.finish(r.limits.Keep)
	if len(t.trace.Spans) > 0 {
		r.theirs = r.each(&t.trace)
	}
	return r.theirs
}

func (r *reader) processes(t *building) error {
	var list map[string]wireProcess
	if err := r.dec.Decode(&list); err != nil {
		return err
	}
	for id, p := range list {
		t.processes[id] = clip(p.ServiceName)
	}
	return nil
}

func (r *reader) take(t *building) error {
	r.span.reset()
	if err := r.dec.Decode(&r.span); err != nil {
		return err
	}
	if r.limits.MaxSpans > 0 && len(t.trace.Spans) >= r.limits.MaxSpans {
		t.trace.Left++
		return nil
	}
	t.trace.Spans = append(t.trace.Spans, r.span.span(r.intern))
	t.owners = append(t.owners, r.intern(r.span.ProcessID))
	return nil
}

// intern keeps one copy of a text that many spans have.
func (r *reader) intern(text string) string {
	text = clip(text)
	if known, ok := r.names[text]; ok {
		return known
	}
	r.names[text] = text
	return text
}

// building is a trace of which not all is known yet.
type building struct {
	trace     Trace
	owners    []string
	processes map[string]string
}

// finish gives every span its service, and drops what the caller may not see.
func (b *building) finish(keep func(string) bool) {
	kept := b.trace.Spans[:0]
	for i, s := range b.trace.Spans {
		if s.Service == "" {
			s.Service = b.processes[b.owners[i]]
		}
		if keep == nil || keep(s.Service) {
			kept = append(kept, s)
		}
	}
	b.trace.Spans = kept
}
