package weaviate

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// namespace of all ids (RFC 9562's one for URLs).
var namespace = uuid.MustParse("6ba7b811-9dad-11d1-80b4-00c04fd430c8")

// headID is the id of the object that holds a key's newest version.
func headID(tenant string, key definition.Key) string {
	return objectID(parts(classes[key.Kind].head, tenant, key))
}

// versionID is the id of the object that holds one version.
func versionID(tenant string, key definition.Key, number int64) string {
	return objectID(append(parts(classes[key.Kind].version, tenant, key), strconv.FormatInt(number, 10)))
}

func parts(class, tenant string, key definition.Key) []string {
	list := []string{class, tenant}
	if key.Kind.HasParent() {
		list = append(list, key.Parent)
	}
	return append(list, key.Name)
}

// plain keeps parts apart that hold the separator themselves: without it, the
// tenant "a|b" could name an object of the tenant "a".
var plain = strings.NewReplacer(`\`, `\\`, `|`, `\|`)

func objectID(parts []string) string {
	for i, p := range parts {
		parts[i] = plain.Replace(p)
	}
	return uuid.NewSHA1(namespace, []byte(strings.Join(parts, "|"))).String()
}

// order is a text that stands for a key of one kind: exact whatever the key is
// made of, and in the order of Key.Compare. Weaviate takes blanks from the ends
// of texts before it compares them.
func order(key definition.Key) string {
	return parentOrder(key.Parent) + hex.EncodeToString([]byte(key.Name))
}

// parentOrder begins the order of every key of a parent.
func parentOrder(parent string) string { return hex.EncodeToString([]byte(parent)) + "-" }
