package endpoint

import (
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/logsql"
)

// query streams rows as JSON lines; with a limit, the newest ones that match,
// the oldest of them first, unless pipes say otherwise.
func (h *Handler) query(a *answer, args *arguments) error {
	limit, err := args.number("limit")
	if err != nil {
		return err
	}
	out := &lines{a: a, left: -1}
	if limit <= 0 {
		return args.query.Run(args.ctx, args.source, out.write)
	}
	if done, err := args.query.Newest(args.ctx, args.source, limit, out.write); done {
		return err
	}
	out.left = limit
	return args.query.Run(args.ctx, args.source, out.write)
}

// lines writes records as JSON, one a line.
type lines struct {
	a    *answer
	left int // how many more are wanted; -1 means all
	buf  []byte
}

func (l *lines) write(r *logsql.Record) bool {
	if l.left == 0 {
		return false
	}
	l.left--
	l.buf = logsql.AppendJSON(l.buf[:0], r)
	if len(l.buf) == len("{}") {
		return true
	}
	_, err := l.a.body.Write(append(l.buf, '\n'))
	return err == nil && l.left != 0
}
