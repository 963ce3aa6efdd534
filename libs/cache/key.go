package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

const hexDigits = "0123456789ABCDEF"

// Key builds "<kind>:<part>:..." with every part encoded, so that two
// different lists never give the same key. Keys read after identity put the
// tenant first.
func Key(kind string, parts ...string) string {
	var b strings.Builder
	encode(&b, kind)
	for _, part := range parts {
		b.WriteByte(':')
		encode(&b, part)
	}
	return b.String()
}

// Hashed builds "<kind>:<SHA-256 in hex>" for keys whose name is a secret or
// comes from somebody without an identity: session ids, addresses, accounts.
func Hashed(kind string, parts ...string) string {
	sum := sha256.Sum256([]byte(Key("", parts...)))
	return Key(kind, hex.EncodeToString(sum[:]))
}

// encode writes everything but letters, digits and "._-" as %XX; braces are
// encoded too, so nobody can choose the slot of a cluster.
func encode(b *strings.Builder, part string) {
	for i := range len(part) {
		c := part[i]
		if plain(c) {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hexDigits[c>>4])
		b.WriteByte(hexDigits[c&15])
	}
}

func plain(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-'
}
