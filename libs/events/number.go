package events

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// maxNumber bounds a stored number: twenty digits and NATS' own headers, which
// count as well.
const maxNumber = 1024

// raise writes a decimal number unless the number there is already as great:
// concurrent writers leave the greatest. It gives the number that is stored
// and its revision. The key must be encoded.
func (c *Conn) raise(ctx context.Context, b Bucket, key string, number uint64) (stored, revision uint64, err error) {
	kv, err := c.Open(ctx, b)
	if err != nil {
		return 0, 0, err
	}
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		stored, revision, err = c.raiseOnce(ctx, kv, key, number)
		if !conflict(err) {
			break
		}
		// Writers that met once should not meet again.
		pause(ctx, nil, rand.N(wait))
		if ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return 0, 0, fmt.Errorf("raise number in bucket %s: %w", b.Name, err)
	}
	return stored, revision, nil
}

// conflict tells that another writer came between.
func conflict(err error) bool {
	return errors.Is(err, jetstream.ErrKeyExists) || errors.Is(err, jetstream.ErrKeyRevisionMismatch)
}

func (c *Conn) raiseOnce(ctx context.Context, kv jetstream.KeyValue, key string, number uint64) (stored, revision uint64, err error) {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	value := strconv.AppendUint(nil, number, 10)
	old, err := kv.Get(ctx, key)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		revision, err = kv.Create(ctx, key, value)
		return number, revision, err
	}
	if err != nil {
		return 0, 0, err
	}
	if n, parseErr := parseNumber(old.Value()); parseErr == nil && n >= number {
		return n, old.Revision(), nil
	}
	revision, err = kv.Update(ctx, key, value, old.Revision())
	return number, revision, err
}

func parseNumber(value []byte) (uint64, error) { return strconv.ParseUint(string(value), 10, 64) }
