package weaviate

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// hints is how far other replicas say to have projected a log. A hint that gets
// lost costs a moment and some needless work.
type hints struct {
	wake func()

	mu   sync.Mutex
	born string
	upTo uint64
}

// hint that the log was projected up to a sequence.
func hint(born string, sequence uint64) string { return fmt.Sprintf("%s %d", born, sequence) }

// take notes a hint; other texts are left alone.
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
