package events

import (
	"context"

	"github.com/nats-io/nats.go/jetstream"
)

// End gives the sequence of the newest record of the log as its leader knows
// it, 0 for an empty log. Whoever has applied it has everything that was
// acknowledged before the call.
func (l *Log) End(ctx context.Context) (uint64, error) {
	ctx, cancel := l.conn.deadline(ctx)
	defer cancel()
	s, err := l.stream(ctx)
	if err != nil {
		return 0, Unavailable("read log", err)
	}
	return s.CachedInfo().State.LastSeq, nil
}

// Read gives one record by its sequence.
func (l *Log) Read(ctx context.Context, sequence uint64) (Record, error) {
	ctx, cancel := l.conn.deadline(ctx)
	defer cancel()
	s, err := l.stream(ctx)
	if err != nil {
		return Record{}, Unavailable("read log", err)
	}
	msg, err := s.GetMsg(ctx, sequence)
	if err != nil {
		return Record{}, Unavailable("read log "+l.cfg.Name, err)
	}
	return record(msg), nil
}

func record(m *jetstream.RawStreamMsg) Record {
	return Record{Sequence: m.Sequence, Subject: m.Subject, Time: m.Time, Data: m.Data}
}
