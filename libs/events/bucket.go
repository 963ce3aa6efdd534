package events

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Bucket describes a key-value bucket. It does not matter who creates it: what
// processes may see differently is only how long entries are kept, and there
// the longest wish holds.
type Bucket struct {
	// Name of letters, digits, '-' and '_'.
	Name string
	// Description for whoever lists the buckets.
	Description string
	// Keep is how long an entry lives after its last write; 0 means for ever.
	Keep time.Duration
	// MaxValue bounds one value, MaxBytes the whole bucket; 0 means no bound.
	MaxValue int32
	MaxBytes int64
}

// Open returns the bucket, creating it on disk when it is not there.
func (c *Conn) Open(ctx context.Context, b Bucket) (jetstream.KeyValue, error) {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	kv, err := c.js.KeyValue(ctx, b.Name)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		kv, err = c.create(ctx, b)
	}
	if err == nil && b.Keep > 0 {
		err = c.lengthen(ctx, kv, b)
	}
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", b.Name, err)
	}
	return kv, nil
}

func (c *Conn) create(ctx context.Context, b Bucket) (jetstream.KeyValue, error) {
	kv, err := c.js.CreateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket:       b.Name,
		Description:  b.Description,
		TTL:          b.Keep,
		MaxValueSize: unlimited(b.MaxValue),
		MaxBytes:     unlimited(b.MaxBytes),
		Storage:      jetstream.FileStorage,
		Replicas:     c.cfg.Replicas,
	})
	if errors.Is(err, jetstream.ErrBucketExists) {
		return c.js.KeyValue(ctx, b.Name)
	}
	return kv, err
}

// lengthen makes an older bucket keep its entries as long as this process
// needs them; the longest wish of all processes holds.
func (c *Conn) lengthen(ctx context.Context, kv jetstream.KeyValue, b Bucket) error {
	status, err := kv.Status(ctx)
	if err != nil || status.TTL() == 0 || status.TTL() >= b.Keep {
		return err
	}
	cfg := status.Config()
	cfg.TTL = b.Keep
	_, err = c.js.UpdateKeyValue(ctx, cfg)
	return err
}

func unlimited[N int32 | int64](n N) N {
	if n == 0 {
		return -1
	}
	return n
}
