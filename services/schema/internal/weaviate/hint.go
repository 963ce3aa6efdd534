package weaviate

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"

	"github.com/platformbuilds/mirador-core/libs/events"
)

// hintSubject carries "<born> <sequence>": a replica has projected the log up
// to there. A hint that gets lost costs a moment and some needless work.
const hintSubject = "schema-projected"

// hints is what other replicas say.
type hints struct {
	conn *events.Conn
	wake func()

	mu   sync.Mutex
	born string
	upTo uint64
}

// listen takes hints until the function that it returns is called.
func (h *hints) listen() (stop func(), err error) {
	sub, err := h.conn.JetStream().Conn().Subscribe(hintSubject, func(m *nats.Msg) { h.take(string(m.Data)) })
	if err != nil {
		return nil, fmt.Errorf("listen to other replicas: %w", err)
	}
	return func() { _ = sub.Unsubscribe() }, nil
}

func (h *hints) take(text string) {
	born, number, _ := strings.Cut(text, " ")
	sequence, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		return
	}
	h.mu.Lock()
	if born != h.born {
		h.born, h.upTo = born, 0
	}
	h.upTo = max(h.upTo, sequence)
	h.mu.Unlock()
	h.wake()
}

// projected is how far others say to have come.
func (h *hints) projected(born string) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	if born != h.born {
		return 0
	}
	return h.upTo
}

// give tells others. Nobody waits for it.
func (h *hints) give(born string, sequence uint64) {
	_ = h.conn.JetStream().Conn().Publish(hintSubject, fmt.Appendf(nil, "%s %d", born, sequence))
}
