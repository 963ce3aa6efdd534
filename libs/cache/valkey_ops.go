package cache

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/valkey-io/valkey-go"
)

// Get implements Store.
func (v *Valkey) Get(ctx context.Context, key string) ([]byte, bool, error) {
	return v.read(ctx, "get", func(ctx context.Context, c valkey.Client) valkey.ValkeyResult {
		return c.Do(ctx, c.B().Get().Key(key).Build())
	})
}

// GetNear is Get that may answer from this process for the configured time;
// the server takes back what changed, but with a delay. Use it only for values
// that stay right when they are a little old.
func (v *Valkey) GetNear(ctx context.Context, key string) ([]byte, bool, error) {
	if v.cfg.Near <= 0 {
		return v.Get(ctx, key)
	}
	return v.read(ctx, "get", func(ctx context.Context, c valkey.Client) valkey.ValkeyResult {
		return c.DoCache(ctx, c.B().Get().Key(key).Cache(), v.cfg.Near)
	})
}

// GetDelete implements Store.
func (v *Valkey) GetDelete(ctx context.Context, key string) ([]byte, bool, error) {
	return v.read(ctx, "get", func(ctx context.Context, c valkey.Client) valkey.ValkeyResult {
		return c.Do(ctx, c.B().Getdel().Key(key).Build())
	})
}

// Set implements Store.
func (v *Valkey) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	_, err := v.write(ctx, ttl, func(c valkey.Client) valkey.Completed {
		return c.B().Set().Key(key).Value(valkey.BinaryString(value)).Px(ttl).Build()
	})
	return err
}

// Add implements Store.
func (v *Valkey) Add(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	return v.write(ctx, ttl, func(c valkey.Client) valkey.Completed {
		return c.B().Set().Key(key).Value(valkey.BinaryString(value)).Nx().Px(ttl).Build()
	})
}

// Replace implements Store.
func (v *Valkey) Replace(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	return v.write(ctx, ttl, func(c valkey.Client) valkey.Completed {
		return c.B().Set().Key(key).Value(valkey.BinaryString(value)).Xx().Px(ttl).Build()
	})
}

// Delete implements Store. Keys go one by one: in a cluster they lie in
// different slots.
func (v *Valkey) Delete(ctx context.Context, keys ...string) error {
	_, err := v.do(ctx, "delete", func(ctx context.Context, c valkey.Client) (string, error) {
		commands := make(valkey.Commands, len(keys))
		for i, key := range keys {
			commands[i] = c.B().Del().Key(key).Build()
		}
		for _, result := range c.DoMulti(ctx, commands...) {
			if err := result.Error(); err != nil {
				return "", err
			}
		}
		return resultSuccess, nil
	})
	return err
}

const (
	resultHit     = "hit"
	resultMiss    = "miss"
	resultSuccess = "success"
	resultError   = "error"
)

func (v *Valkey) read(ctx context.Context, operation string,
	call func(context.Context, valkey.Client) valkey.ValkeyResult,
) (value []byte, found bool, err error) {
	result, err := v.do(ctx, operation, func(ctx context.Context, c valkey.Client) (string, error) {
		reply := call(ctx, c)
		value, err = reply.AsBytes()
		if valkey.IsValkeyNil(err) {
			return resultMiss, nil
		}
		return resultHit, err
	})
	return value, result == resultHit, err
}

func (v *Valkey) write(ctx context.Context, ttl time.Duration, command func(valkey.Client) valkey.Completed) (bool, error) {
	if ttl < time.Millisecond {
		return false, errTTL
	}
	result, err := v.do(ctx, "set", func(ctx context.Context, c valkey.Client) (string, error) {
		err := c.Do(ctx, command(c)).Error()
		if valkey.IsValkeyNil(err) {
			return resultMiss, nil
		}
		return resultSuccess, err
	})
	return result == resultSuccess, err
}

// do runs one operation under the deadline and tells breaker and metrics.
func (v *Valkey) do(ctx context.Context, operation string,
	call func(context.Context, valkey.Client) (result string, err error),
) (string, error) {
	c := v.client.Load()
	if c == nil || v.breaker.open() {
		v.record(operation, resultError, 0)
		return resultError, ErrAway
	}
	began := time.Now()
	limited, cancel := context.WithTimeout(ctx, v.cfg.Timeout)
	defer cancel()
	result, err := call(limited, *c)
	if err != nil {
		result, err = resultError, v.judge(ctx, operation, err)
	} else {
		v.breaker.succeeded()
	}
	v.record(operation, result, time.Since(began))
	return result, err
}

// judge tells a server that cannot answer from one that refuses the command,
// and from a caller who left; only the first counts against the server.
func (v *Valkey) judge(ctx context.Context, operation string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("cache %s: %w", operation, ctx.Err())
	}
	if reply, ok := valkey.IsValkeyErr(err); ok && !unable(reply.Error()) {
		v.breaker.succeeded()
		return fmt.Errorf("cache %s: %w", operation, err)
	}
	if v.breaker.failed() {
		v.log.Warn("valkey is away; running without it", "error", err)
		v.probeSoon()
	}
	return fmt.Errorf("cache %s: %w", operation, errors.Join(ErrAway, err))
}

// probeSoon lets a server that was slow for a moment back in at once.
func (v *Valkey) probeSoon() {
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

// unable lists replies of a server that is up but cannot serve.
func unable(reply string) bool {
	for _, prefix := range []string{"LOADING", "CLUSTERDOWN", "MASTERDOWN", "READONLY", "TRYAGAIN", "OOM", "MISCONF", "NOAUTH"} {
		if strings.HasPrefix(reply, prefix) {
			return true
		}
	}
	return false
}

func (v *Valkey) record(operation, result string, took time.Duration) {
	if v.rec != nil {
		v.rec.Cache(operation, result, took)
	}
}
