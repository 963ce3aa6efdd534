package execution

import (
	"context"
	"strconv"
	"time"

	"github.com/platformbuilds/mirador-core/services/query/internal/definitions"
	"github.com/platformbuilds/mirador-core/services/query/internal/relay"
	"github.com/platformbuilds/mirador-core/services/query/internal/resultcache"
	"github.com/platformbuilds/mirador-core/services/query/internal/splice"
)

// staleTTL is how long definitions may live while nobody tells of changes.
const staleTTL = 30 * time.Second

// ttl of an answer up to end; one that moves is never older than fresh.
func (s *Service) ttl(moves bool, end time.Time, every time.Duration) time.Duration {
	if moves {
		end = time.Time{}
	}
	longest := s.ClosedTTL
	if s.Stale() {
		longest = min(longest, staleTTL)
	}
	return resultcache.TTL(resultcache.Window{End: end, Step: every}, s.Now(), longest)
}

// members of an answer's metadata, in the fresh and in the cached form.
type members func(facts splice.Facts) (fresh, cached []byte)

func (s *Service) queryTail(j job, q *text, d Definitions, m members) relay.Finisher {
	if j.call.Plain {
		return plain
	}
	return func(ctx context.Context, facts splice.Facts) (relay.Tail, error) {
		var tail relay.Tail
		tail.Metadata, tail.HitMetadata = m(facts)
		if !d.Off {
			json, warning := s.Book.JSONOf(ctx, j.id.Tenant, j.epoch, subject(q.canonical, d, facts.Sample),
				func() definitions.Wanted { return wanted(q.query, facts) }, d.Options)
			tail.Definitions = json
			if warning != "" {
				tail.Warnings = []string{warning}
			}
		}
		return tail, nil
	}
}

func (s *Service) instantMetadata() members {
	began := s.Now()
	return func(facts splice.Facts) (fresh, cached []byte) {
		now := s.Now()
		took := milliseconds(now.Sub(began))
		fresh = append([]byte(`{"executionTime":`), took...)
		fresh = strconv.AppendInt(append(fresh, `,"seriesCount":`...), int64(facts.Series), 10)
		fresh = append(fresh, `,"cached":false,"timestamp":"`...)
		fresh = append(now.UTC().AppendFormat(fresh, time.RFC3339Nano), `"}`...)
		cached = append([]byte(`{"executionTime":`), took...)
		cached = strconv.AppendInt(append(cached, `,"seriesCount":`...), int64(facts.Series), 10)
		return fresh, append(cached, `,"cached":true,"cacheHit":true}`...)
	}
}

func (s *Service) rangeMetadata(r Range) members {
	began := s.Now()
	span := string(appendText(append(appendText([]byte(`,"timeRange":`), r.Start+" to "+r.End), `,"step":`...), r.Step))
	return func(facts splice.Facts) (fresh, cached []byte) {
		base := append([]byte(`{"executionTime":`), milliseconds(s.Now().Sub(began))...)
		base = strconv.AppendInt(append(base, `,"dataPoints":`...), int64(facts.Points), 10)
		base = strconv.AppendInt(append(base, `,"seriesCount":`...), int64(facts.Series), 10)
		base = append(base, span...)
		fresh = append(base[:len(base):len(base)], `,"cached":false}`...)
		return fresh, append(base[:len(base):len(base)], `,"cached":true,"cacheHit":true}`...)
	}
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
