package logsql

import (
	"strconv"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

func hitsField(n int) store.Field { return store.Field{Name: "hits", Value: strconv.Itoa(n)} }

// gather takes all records and answers at the end.
type gather struct {
	add    func(*Record)
	finish func()
}

func (g *gather) push(r *Record) bool { g.add(r); return true }

func (g *gather) end() { g.finish() }
