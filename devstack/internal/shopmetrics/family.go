// Package shopmetrics shows the story of package shop as Prometheus series:
// it keeps the counters and renders text, and sends nothing.
package shopmetrics

import "fmt"

// Family is one metric family with its metadata.
type Family struct {
	Name string
	Type string // counter, gauge or histogram
	Help string
}

// The families of the shop.
const (
	requests    = "http_requests_total"
	duration    = "http_request_duration_seconds"
	cpuSeconds  = "process_cpu_seconds_total"
	memory      = "process_resident_memory_bytes"
	memoryLimit = "process_memory_limit_bytes"
	startTime   = "process_start_time_seconds"
	up          = "up"
	buildInfo   = "app_build_info"
	queueDepth  = "queue_depth"
	published   = "queue_messages_published_total"
	consumed    = "queue_messages_consumed_total"
	connections = "db_connections_in_use"
	poolSize    = "db_connections_max"
)

// Families lists what Recorder writes, apart from each tenant's own marker.
func Families() []Family {
	return []Family{
		{requests, "counter", "HTTP requests answered, by route and status code."},
		{duration, "histogram", "Seconds from a request's head to the end of its answer."},
		{cpuSeconds, "counter", "CPU seconds used by the process."},
		{memory, "gauge", "Resident memory of the process in bytes."},
		{memoryLimit, "gauge", "Bytes of resident memory at which the process is killed."},
		{startTime, "gauge", "Unix time at which the process began."},
		{up, "gauge", "1 while the instance answers, else 0."},
		{buildInfo, "gauge", "Always 1; the label version tells what runs."},
		{queueDepth, "gauge", "Messages waiting in the queue of a worker."},
		{published, "counter", "Messages put into the queue of a worker."},
		{consumed, "counter", "Messages that a worker has handled."},
		{connections, "gauge", "Connections in use at a database or cache."},
		{poolSize, "gauge", "Connections that a database or cache serves at the same time."},
	}
}

// Tenant is for whom a page is rendered. Marker is a text that no other tenant
// may ever see.
type Tenant struct {
	Name   string
	Marker string
}

// Mark returns the tenant of that name with the marker "<name>-marker".
func Mark(name string) Tenant { return Tenant{Name: name, Marker: name + "-marker"} }

// MarkerMetric is the one metric that only this tenant has; it carries a label
// that only this tenant has, so that lists of names can be told apart too.
func (t Tenant) MarkerMetric() (metric, label string) {
	return t.Name + "_marker_info", t.Name + "_marker"
}

// help is the text of a family as this tenant reads it.
func (t Tenant) help(text string) string { return fmt.Sprintf("%s [%s]", text, t.Marker) }
