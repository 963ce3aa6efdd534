package relay

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/rpc"
	"github.com/platformbuilds/mirador-core/services/query/internal/splice"
)

// finish writes the tail and ends the answer. The back end's part is known to
// be good by now, so the cache gets the body whether the client stays or not.
func (c *copier) finish(facts splice.Facts, tail Tail) error {
	start, end := c.appendTail(facts, tail)
	ttl := keep(facts, tail)
	c.to.SetTrailer(trailer(start, end, tail.HitMetadata, ttl))
	c.job.Tee.Write(c.out)
	if !c.open {
		if err := c.header(len(c.out)); err != nil {
			c.job.Tee.Commit(start, end, tail.HitMetadata, ttl)
			return err
		}
	}
	c.job.Tee.Commit(start, end, tail.HitMetadata, ttl)
	return c.send(c.out)
}

// appendTail returns where metadata lies in the whole body; both are 0 without.
func (c *copier) appendTail(facts splice.Facts, tail Tail) (start, end int) {
	c.out = append(c.out, tail.DataEnd...)
	if tail.Metadata != nil {
		c.out = append(c.out, `,"metadata":`...)
		start = c.sent + len(c.out)
		c.out = append(c.out, tail.Metadata...)
		end = c.sent + len(c.out)
		c.member("definitions", orNull(tail.Definitions))
	}
	for _, name := range []string{"isPartial", "stats", "infos"} {
		if raw := facts.Member(name); raw != nil {
			c.member(name, raw)
		}
	}
	if warnings := merge(facts.Member("warnings"), tail.Warnings); warnings != nil {
		c.member("warnings", warnings)
	}
	c.out = append(c.out, '}')
	return start, end
}

func (c *copier) member(name string, raw []byte) {
	c.out = append(c.out, `,"`...)
	c.out = append(c.out, name...)
	c.out = append(c.out, `":`...)
	c.out = append(c.out, raw...)
}

func orNull(raw []byte) []byte {
	if raw == nil {
		return []byte("null")
	}
	return raw
}

// merge puts our warnings behind those of the back end.
func merge(theirs []byte, ours []string) []byte {
	if len(ours) == 0 {
		return theirs
	}
	var all []json.RawMessage
	if theirs != nil && json.Unmarshal(theirs, &all) != nil {
		all = []json.RawMessage{theirs}
	}
	for _, text := range ours {
		if raw, err := json.Marshal(text); err == nil {
			all = append(all, raw)
		}
	}
	raw, err := json.Marshal(all)
	if err != nil {
		return theirs
	}
	return raw
}

// keep is how long the answer may be cached.
func keep(facts splice.Facts, tail Tail) time.Duration {
	doubtful := facts.Partial() || slices.Contains(facts.Dropped, "isPartial") || warned(facts)
	if doubtful {
		return 0
	}
	return max(0, tail.TTL)
}

func warned(facts splice.Facts) bool {
	var list []json.RawMessage
	raw := facts.Member("warnings")
	if raw == nil {
		return slices.Contains(facts.Dropped, "warnings")
	}
	return json.Unmarshal(raw, &list) != nil || len(list) > 0
}

func trailer(start, end int, hit []byte, ttl time.Duration) metadata.MD {
	if ttl < time.Millisecond {
		return metadata.MD{}
	}
	md := metadata.Pairs(rpc.KeyCacheTTL, milliseconds(ttl))
	if end > start && hit != nil {
		md.Set(rpc.KeyMetadataAt, strconv.Itoa(start)+","+strconv.Itoa(end))
		md.Set(rpc.KeyHitMetadata, ascii(hit))
	}
	return md
}

// ascii escapes what a metadata value cannot carry; in JSON such characters
// stand in strings only.
func ascii(raw []byte) string {
	out := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		r, n := utf8.DecodeRune(raw)
		switch {
		case r >= ' ' && r < 0x7f:
			out = append(out, byte(r))
		case r < ' ':
			out = append(out, ' ')
		case r >= 0x10000:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		raw = raw[n:]
	}
	return string(out)
}
