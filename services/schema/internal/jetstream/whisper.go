package jetstream

import (
	"fmt"

	"github.com/nats-io/nats.go"

	"github.com/platformbuilds/mirador-core/libs/events"
)

// whispers is the subject of what replicas tell each other. Nothing of it is
// kept, and nothing may depend on its arrival.
const whispers = "schema-whispers"

// Listen calls hear with what other replicas (and this one) tell, one after the
// other, until stop is called.
func Listen(c *events.Conn, hear func(text string)) (stop func(), err error) {
	sub, err := c.JetStream().Conn().Subscribe(whispers, func(m *nats.Msg) { hear(string(m.Data)) })
	if err != nil {
		return nil, fmt.Errorf("listen to other replicas: %w", err)
	}
	return func() { _ = sub.Unsubscribe() }, nil
}

// Tell tells other replicas. Nobody waits for it, and it may get lost.
func Tell(c *events.Conn, text string) {
	_ = c.JetStream().Conn().Publish(whispers, []byte(text))
}
