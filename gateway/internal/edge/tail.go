package edge

import (
	"github.com/platformbuilds/mirador-core/libs/fault"
)

// tail sends log rows as they arrive.
func (e *Edge) tail(*exchange) error { return upgradeRequired() }

// upgradeRequired is the contract's answer to a plain request.
func upgradeRequired() error {
	return fault.New(fault.CodeUpgradeRequired, "WebSocket upgrade required").
		WithDetail("open this route as a WebSocket, or send Accept: text/event-stream for server-sent events").
		WithExtra("example", "wss://<host>/api/v1/logs/tail?query=error")
}
