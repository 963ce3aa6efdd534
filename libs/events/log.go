package events

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// ErrConflict tells that somebody else appended to the subject first.
var ErrConflict = errors.New("subject has newer records")

// Record is one entry of a log.
type Record struct {
	// Sequence in the log, from 1, growing.
	Sequence uint64
	// Subject that it was appended to.
	Subject string
	// Time of the append, by the server's clock.
	Time time.Time
	// Data as it was appended.
	Data []byte
}

// Log is a JetStream stream that only ever grows: the order of changes, from
// which read models are built. Use OpenLog.
type Log struct {
	conn *Conn
	cfg  jetstream.StreamConfig
}

// OpenLog describes a log; it is created on disk when it is first used.
func (c *Conn) OpenLog(name, description string, subjects ...string) *Log {
	return &Log{conn: c, cfg: jetstream.StreamConfig{
		Name: name, Description: description, Subjects: subjects,
		Storage: jetstream.FileStorage, Replicas: c.cfg.Replicas,
		// What was acknowledged stays: history is read from here.
		DenyDelete: true, DenyPurge: true, AllowDirect: true,
	}}
}

func (l *Log) stream(ctx context.Context) (jetstream.Stream, error) {
	s, err := l.conn.js.Stream(ctx, l.cfg.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		s, err = l.conn.js.CreateStream(ctx, l.cfg)
	}
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		s, err = l.conn.js.Stream(ctx, l.cfg.Name)
	}
	if err != nil {
		return nil, fmt.Errorf("open log %s: %w", l.cfg.Name, err)
	}
	return s, nil
}

// Append adds a record, provided that the newest record of its subject is the
// expected one (0 for none); otherwise it fails with ErrConflict. After any
// other error the record may or may not have been added.
func (l *Log) Append(ctx context.Context, subject string, data []byte, expected uint64) (sequence uint64, err error) {
	ctx, cancel := l.conn.deadline(ctx)
	defer cancel()
	ack, err := l.conn.js.PublishMsg(ctx, &nats.Msg{Subject: subject, Data: data},
		jetstream.WithExpectLastSequencePerSubject(expected), jetstream.WithExpectStream(l.cfg.Name))
	if err == nil {
		return ack.Sequence, nil
	}
	var api *jetstream.APIError
	if errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant) {
		return 0, ErrConflict
	}
	return 0, Unavailable("append to log "+l.cfg.Name, err)
}

// Last gives the sequence of the newest record of a subject, 0 for none.
func (l *Log) Last(ctx context.Context, subject string) (uint64, error) {
	ctx, cancel := l.conn.deadline(ctx)
	defer cancel()
	s, err := l.stream(ctx)
	if err != nil {
		return 0, Unavailable("read log", err)
	}
	msg, err := s.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, Unavailable("read log "+l.cfg.Name, err)
	}
	return msg.Sequence, nil
}
