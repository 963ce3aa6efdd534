package edge

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// tagged answers a read with an ETag, or with 304 when the client has it.
func (e *Edge) tagged(x *exchange, contentType string, body []byte) error {
	sum := sha256.Sum256(body)
	return e.named(x, `"`+hex.EncodeToString(sum[:16])+`"`, contentType, body)
}

// named is tagged with the tag that a service gave.
func (e *Edge) named(x *exchange, tag, contentType string, body []byte) error {
	x.set("ETag", tag)
	if matches(x.header("If-None-Match"), tag) {
		x.req.Response.SetStatusCode(304)
		return nil
	}
	return x.body(200, contentType, body)
}

// matches compares weakly, as If-None-Match wants (RFC 9110 13.1.2).
func matches(header, tag string) bool {
	for item := range strings.SplitSeq(header, ",") {
		item = strings.TrimSpace(item)
		if item == "*" || strings.TrimPrefix(item, "W/") == tag {
			return true
		}
	}
	return false
}
