package cache_test

import (
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/cache"
)

func TestConfigNamesEveryFault(t *testing.T) {
	if err := cache.Defaults().Validate(); err != nil {
		t.Errorf("defaults: %v", err)
	}
	bad := cache.Config{Nodes: []string{"nonsense", "b:1"}, DB: 2, Near: -time.Second}
	err := bad.Validate()
	for _, word := range []string{`"nonsense"`, "ttl", "timeout", "db", "near"} {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%v does not speak of %s", err, word)
		}
	}
	if err := (cache.Config{}).Validate(); err == nil || !strings.Contains(err.Error(), "nodes") {
		t.Errorf("%v does not speak of nodes", err)
	}
}
