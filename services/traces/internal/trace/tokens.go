package trace

import "encoding/json"

// open wants the delimiter.
func (r *reader) open(want json.Delim) error {
	got, err := r.dec.Token()
	if err != nil {
		return err
	}
	if got != want {
		return ErrBroken
	}
	return nil
}

// array calls each before every element; null is an empty array.
func (r *reader) array(each func() error) error {
	got, err := r.dec.Token()
	if err != nil {
		return err
	}
	if got == nil {
		return nil
	}
	if got != json.Delim('[') {
		return ErrBroken
	}
	return r.list(each)
}

// list is array behind its opening bracket.
func (r *reader) list(each func() error) error {
	for r.dec.More() {
		if err := each(); err != nil {
			return err
		}
	}
	return r.open(']')
}

// members calls each before every value of an object, behind its opening brace.
func (r *reader) members(each func(name string) error) error {
	for r.dec.More() {
		token, err := r.dec.Token()
		if err != nil {
			return err
		}
		name, ok := token.(string)
		if !ok {
			return ErrBroken
		}
		if err := each(name); err != nil {
			return err
		}
	}
	return r.open('}')
}

// skip passes over one value.
func (r *reader) skip() error {
	var ignored json.RawMessage
	return r.dec.Decode(&ignored)
}
