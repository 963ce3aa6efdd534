package relay

import (
	"fmt"
	"strconv"
	"time"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/rpc"
)

const contentType = "application/json"

// header opens the answer; length is that of a complete body, or negative.
func (c *copier) header(length int) error {
	c.open = true
	cache := "bypass"
	if c.job.Tee.Caching() {
		cache = "miss"
	}
	return sendHeader(c.to, c.job.Header, cache, length)
}

func sendHeader(to Stream, extra metadata.MD, cache string, length int) error {
	md := metadata.Pairs(rpc.KeyCache, cache)
	if length >= 0 {
		md.Set(rpc.KeyLength, strconv.Itoa(length))
	}
	for key, values := range extra {
		md[key] = values
	}
	// The header of a complete body leaves together with it.
	send := to.SendHeader
	if length >= 0 {
		send = to.SetHeader
	}
	if err := send(md); err != nil {
		return fmt.Errorf("send header: %w", err)
	}
	return nil
}

// send passes the bytes on in messages of bounded size. gRPC has copied them
// when it returns.
func (c *copier) send(p []byte) error {
	first := c.sent == 0
	c.sent += len(p)
	return sendPieces(c.to, p, first)
}

func sendPieces(to Stream, p []byte, first bool) error {
	for len(p) > 0 {
		n := min(len(p), piece)
		message := &httpbody.HttpBody{Data: p[:n]}
		if first {
			message.ContentType = contentType
		}
		if err := to.Send(message); err != nil {
			return fmt.Errorf("send body: %w", err)
		}
		p, first = p[n:], false
	}
	return nil
}

// Replay sends a stored body, which may live for ttl more. The header joins
// that of the response.
func (r *Relay) Replay(to Stream, body []byte, ttl time.Duration, header metadata.MD) error {
	if err := sendHeader(to, header, "hit", len(body)); err != nil {
		return err
	}
	to.SetTrailer(metadata.Pairs(rpc.KeyCacheTTL, milliseconds(ttl)))
	return sendPieces(to, body, true)
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
