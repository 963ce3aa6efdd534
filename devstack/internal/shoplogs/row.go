// Package shoplogs shows the story of package shop as log rows: the requests,
// slow statements, failures and background work of each instance. It is a pure
// function of the journeys and writes nothing.
package shoplogs

import (
	"strconv"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/journey"
	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
)

// The levels of rows.
const (
	Debug = "debug"
	Info  = "info"
	Warn  = "warn"
	Error = "error"
)

// Field is one name and value of a row; values are always text.
type Field struct{ Name, Value string }

// Row is one log row. It is valid until its visitor returns. Its text is made
// only when asked for, so that rows can be counted cheaply.
type Row struct {
	Time  time.Time
	Level string
	// Service and Version that wrote it, and the place of the instance.
	Service  shop.Service
	Version  string
	Instance int

	view    *journey.View
	journey *journey.Journey
	state   *journey.State
	call    int
	number  uint64
	tell    func(r *Row, t *text)
}

// Stream names the fields that tell streams apart.
func Stream() []string { return []string{"service", "instance", "env"} }

// Labels appends the stream fields of the row.
func (r *Row) Labels(to []Field) []Field {
	return append(to, Field{"service", r.Service.Name}, Field{"instance", r.Service.Instance(r.Instance)}, Field{"env", r.env()})
}

// Fields returns the message of the row, and appends what it has besides the
// stream fields.
func (r *Row) Fields(to []Field) (message string, fields []Field) {
	t := text{fields: to}
	t.set("level", r.Level)
	t.set("version", r.Version)
	t.set("host", r.host())
	t.set("zone", r.zone())
	t.set("marker", r.view.Audience().Marker)
	r.tell(r, &t)
	return string(t.message), t.fields
}

// env is where the instance runs; the probe is none of the shop's own.
func (r *Row) env() string {
	if strings.HasPrefix(r.Service.Name, "probe-") {
		return "synthetic"
	}
	return "prod"
}

// hosts is how many machines the shop has.
const hosts = 4

func (r *Row) host() string { return "node-" + strconv.Itoa(1+r.machine()) }

func (r *Row) zone() string { return "eu-west-1" + string(rune('a'+r.machine()%2)) }

func (r *Row) machine() int { return (len(r.Service.Name) + r.Instance) % hosts }

// text collects a message and fields.
type text struct {
	message []byte
	fields  []Field
}

func (t *text) set(name, value string) { t.fields = append(t.fields, Field{name, value}) }

// say appends parts to the message: texts, whole numbers and durations.
func (t *text) say(parts ...any) {
	for _, part := range parts {
		switch v := part.(type) {
		case string:
			t.message = append(t.message, v...)
		case int:
			t.message = strconv.AppendInt(t.message, int64(v), 10)
		case time.Duration:
			t.message = append(append(t.message, millis(v)...), " ms"...)
		}
	}
}

// millis is a duration in milliseconds with two decimals.
func millis(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 2, 64)
}

// upTo picks a number from 1 to n that belongs to the row.
func (r *Row) upTo(n uint64, place int) int { return 1 + int(r.number>>(8*place)%n) }
