package resultcache

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/klauspost/compress/s2"
)

// answer is a body with its name and its life.
type answer struct {
	tenant, key string
	body        []byte
	made, ends  time.Time
}

// left is what remains of the life, which is never longer than longest when
// that is above 0.
func (a answer) left(now time.Time, longest time.Duration) time.Duration {
	left := a.ends.Sub(now)
	if longest > 0 {
		left = min(left, longest-now.Sub(a.made))
	}
	return max(0, left)
}

const (
	// magic begins every stored value; its last byte tells the form of the body.
	magic      = "MQ1"
	plain      = 'p'
	compressed = 'c'
	// compressFrom is the size from which compression is tried.
	compressFrom = 1 << 10
)

var errForm = errors.New("not a stored answer")

// encode gives magic, form, begin and end in milliseconds, tenant, key and body.
func (a answer) encode() []byte {
	form, body := byte(plain), a.body
	if len(body) > compressFrom {
		if packed := s2.Encode(nil, body); len(packed) < len(body)/10*9 {
			form, body = compressed, packed
		}
	}
	out := make([]byte, 0, len(magic)+37+len(a.tenant)+len(a.key)+len(body))
	out = append(append(out, magic...), form)
	out = binary.BigEndian.AppendUint64(out, uint64(a.made.UnixMilli()))
	out = binary.BigEndian.AppendUint64(out, uint64(a.ends.UnixMilli()))
	out = appendText(appendText(out, a.tenant), a.key)
	return append(out, body...)
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// decode is the reverse of encode. A body beyond maxBody is refused before it
// is unpacked.
func decode(raw []byte, maxBody int) (answer, error) {
	head := len(magic) + 1 + 8 + 8
	if len(raw) < head || string(raw[:len(magic)]) != magic {
		return answer{}, errForm
	}
	a := answer{made: milliseconds(raw[len(magic)+1:]), ends: milliseconds(raw[len(magic)+9:])}
	rest, ok := raw[head:], false
	if a.tenant, rest, ok = cutText(rest); !ok {
		return answer{}, errForm
	}
	if a.key, rest, ok = cutText(rest); !ok {
		return answer{}, errForm
	}
	var err error
	a.body, err = unpack(raw[len(magic)], rest, maxBody)
	return a, err
}

func milliseconds(raw []byte) time.Time {
	return time.UnixMilli(int64(binary.BigEndian.Uint64(raw)))
}

func cutText(raw []byte) (text string, rest []byte, ok bool) {
	n, width := binary.Uvarint(raw)
	if width <= 0 || n > uint64(len(raw)-width) {
		return "", nil, false
	}
	return string(raw[width : width+int(n)]), raw[width+int(n):], true
}

func unpack(form byte, body []byte, maxBody int) ([]byte, error) {
	size := len(body)
	if form == compressed {
		var err error
		if size, err = s2.DecodedLen(body); err != nil {
			return nil, fmt.Errorf("unpack stored answer: %w", err)
		}
	}
	switch {
	case size > maxBody:
		return nil, fmt.Errorf("%w: %d bytes", errForm, size)
	case form == plain:
		return body, nil
	case form != compressed:
		return nil, errForm
	}
	body, err := s2.Decode(nil, body)
	if err != nil {
		return nil, fmt.Errorf("unpack stored answer: %w", err)
	}
	return body, nil
}
