package cache

import (
	"context"
	"strconv"
	"time"

	"github.com/valkey-io/valkey-go"
)

// takeScript grants up to ARGV[1] units of the limit ARGV[2], or takes units
// back; the first unit starts the life of ARGV[3] milliseconds.
const takeScript = `
local used = tonumber(redis.call('GET', KEYS[1]) or '0')
local want = tonumber(ARGV[1])
local granted = math.max(0, math.min(want, tonumber(ARGV[2]) - used))
if want < 0 then granted = math.max(want, -used) end
if granted ~= 0 then
  redis.call('INCRBY', KEYS[1], granted)
  if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
end
return {granted, used + granted}`

// noteScript keeps an index as a sorted set of members by the time they end,
// on the server's clock: those of several gateways differ.
const noteScript = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[3])
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[1], last[2])
return 1`

const notedScript = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
return redis.call('ZREVRANGEBYSCORE', KEYS[1], '+inf', '(' .. now)`

// scripts are compiled per store; valkey-go sends only their hash once loaded.
type scripts struct {
	take, note, noted *valkey.Lua
}

func newScripts() scripts {
	return scripts{
		take:  valkey.NewLuaScript(takeScript),
		note:  valkey.NewLuaScript(noteScript),
		noted: valkey.NewLuaScript(notedScript),
	}
}

// Take implements Store.
func (v *Valkey) Take(ctx context.Context, key string, want, limit int64, ttl time.Duration) (taken Taken, err error) {
	if ttl < time.Millisecond {
		return Taken{}, errTTL
	}
	_, err = v.do(ctx, "set", func(ctx context.Context, c valkey.Client) (string, error) {
		args := []string{number(want), number(limit), number(ttl.Milliseconds())}
		reply, err := v.scripts.take.Exec(ctx, c, []string{key}, args).AsIntSlice()
		if err != nil {
			return "", err
		}
		taken = Taken{Granted: reply[0], Used: reply[1]}
		return resultSuccess, nil
	})
	return taken, err
}

// Note implements Store.
func (v *Valkey) Note(ctx context.Context, index, member string, ttl time.Duration) error {
	if ttl < time.Millisecond {
		return errTTL
	}
	_, err := v.do(ctx, "set", func(ctx context.Context, c valkey.Client) (string, error) {
		args := []string{member, number(ttl.Milliseconds()), number(MaxIndex)}
		return resultSuccess, v.scripts.note.Exec(ctx, c, []string{index}, args).Error()
	})
	return err
}

// Forget implements Store.
func (v *Valkey) Forget(ctx context.Context, index, member string) error {
	_, err := v.do(ctx, "delete", func(ctx context.Context, c valkey.Client) (string, error) {
		return resultSuccess, c.Do(ctx, c.B().Zrem().Key(index).Member(member).Build()).Error()
	})
	return err
}

// Noted implements Store.
func (v *Valkey) Noted(ctx context.Context, index string) (members []string, err error) {
	_, err = v.do(ctx, "get", func(ctx context.Context, c valkey.Client) (string, error) {
		members, err = v.scripts.noted.Exec(ctx, c, []string{index}, nil).AsStrSlice()
		return resultHit, err
	})
	return members, err
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
