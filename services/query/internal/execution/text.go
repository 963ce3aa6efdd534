package execution

import (
	"time"

	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/services/query/internal/metricsql"
)

const (
	// textBytes bounds the texts that are remembered, textLife how long one is.
	textBytes = 8 << 20
	textLife  = time.Hour
	// textGrowth is about how much larger a query is than its text.
	textGrowth = 64
)

// text is what a query's text says, whoever asks and whenever.
type text struct {
	query     *metricsql.Query
	canonical string
	moving    bool
}

// texts remembers what was read: dashboards send the same texts again and
// again. Texts are kept per tenant, so that nobody can push out all others.
type texts struct{ known *cache.Local[*text] }

func newTexts(now func() time.Time) *texts {
	return &texts{cache.NewLocal[*text](cache.LocalOptions{MaxBytes: textBytes, Share: 0.25, Now: now})}
}

// read checks a text; faulty ones are not remembered.
func (t *texts) read(tenant, words string) (*text, error) {
	if found, ok := t.known.Get(tenant, words); ok {
		return found.Value, nil
	}
	q, err := metricsql.Check(words)
	if err != nil {
		return nil, err
	}
	read := &text{query: q, canonical: metricsql.CacheKey(words), moving: q.Moving()}
	t.known.Set(tenant, words, read, textGrowth*int64(len(words)), textLife)
	return read, nil
}
