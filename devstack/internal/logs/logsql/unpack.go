package logsql

import (
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// unpacker finds the fields in a text; nil when there are none.
type unpacker func(text string) []store.Field

// unpackPipe reads what all unpack pipes share.
func (l *lexer) unpackPipe(unpack unpacker) (pipe, error) {
	p := rowPipe{}
	var err error
	if p.only, err = l.condition(); err != nil {
		return nil, err
	}
	from, prefix := fieldMsg, ""
	var only names
	keep, skipEmpty := false, false
	for err == nil {
		switch {
		case l.accept("from"):
			from, err = l.name(true)
		case l.accept("fields"):
			only, err = l.namesInParens()
		case l.accept("result_prefix"):
			prefix, err = l.value()
		case l.accept("keep_original_fields"):
			keep = true
		case l.accept("skip_empty_results"):
			skipEmpty = true
		default:
			p.change = func(r *Record) bool {
				for _, f := range unpack(r.Get(from)) {
					if only.all() || only.match(f.Name) {
						setResult(r, prefix+f.Name, f.Value, keep, skipEmpty)
					}
				}
				return true
			}
			return p, nil
		}
	}
	return nil, err
}

func setResult(r *Record, name, value string, keep, skipEmpty bool) {
	if keep && r.Get(name) != "" || skipEmpty && value == "" {
		return
	}
	r.set(name, value)
}
