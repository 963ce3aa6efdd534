package trace

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ErrBroken is an answer that is not JSON of Jaeger's shape, or breaks off.
var ErrBroken = errors.New("not a whole answer in Jaeger's shape")

// Limits of what is read.
type Limits struct {
	// MaxSpans of one trace; what is beyond is counted and left out. 0 means
	// no limit.
	MaxSpans int
	// Keep tells whether the caller may see spans of a service; nil means all.
	Keep func(service string) bool
}

// Read gives every trace of Jaeger's answer {"data":[...]}, or of a bare
// array, to each, one at a time; traces without a span to keep are skipped. It
// ends with the first error of the source, of each, or an ErrBroken.
func Read(source io.Reader, limits Limits, each func(*Trace) error) error {
	r := newReader(source)
	r.limits, r.each, r.element = limits, each, r.trace
	return r.run()
}

// reader decodes span by span, so that no more than one of them stands in
// memory twice.
type reader struct {
	source *watched
	dec    *json.Decoder
	// element reads one element of the data; seen tells that there was data.
	element func() error
	seen    bool
	limits  Limits
	each    func(*Trace) error
	// names makes equal texts one.
	names map[string]string
	span  wireSpan
	// theirs is an error of each.
	theirs error
}

func newReader(source io.Reader) *reader {
	w := &watched{Reader: source}
	return &reader{source: w, dec: json.NewDecoder(w), names: map[string]string{}}
}

// run tells errors of each and of the source from an answer that is broken.
func (r *reader) run() error {
	err := r.answer()
	switch {
	case err == nil:
		return nil
	case r.theirs != nil:
		return r.theirs
	case r.source.err != nil:
		return r.source.err
	}
	return fmt.Errorf("%w: %w", ErrBroken, err)
}

// watched remembers what the source failed with.
type watched struct {
	io.Reader
	err error
}

// Read implements io.Reader.
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	// An io.EOF inside of another error is not the end: something broke off.
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}

func (r *reader) answer() error {
	open, err := r.dec.Token()
	switch {
	case err != nil:
		return err
	case open == json.Delim('['):
		err = r.list(r.element)
	case open == json.Delim('{'):
		if err = r.members(r.member); err == nil && !r.seen {
			err = ErrBroken
		}
	default:
		return ErrBroken
	}
	if err != nil {
		return err
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return ErrBroken
	}
	return nil
}

func (r *reader) member(name string) error {
	if name != "data" {
		return r.skip()
	}
	r.seen = true
	return r.array(r.element)
}
