// Package definitions tells the schema registry what the demo's metrics mean,
// through the public API and without ever replacing what somebody wrote.
package definitions

import "github.com/platformbuilds/mirador-core/devstack/internal/shopmetrics"

// Metric is a definition as the API takes it.
type Metric struct {
	Metric      string   `json:"metric"`
	Description string   `json:"description"`
	Owner       string   `json:"owner"`
	Tags        []string `json:"tags"`
	Labels      []Label  `json:"labels,omitempty"`
}

// Label is the definition of one label of a metric.
type Label struct {
	Label       string `json:"label"`
	Type        string `json:"type"`
	Required    bool   `json:"required"`
	Description string `json:"description"`
}

// Demo lists the definitions of one tenant; its marker is in every text. Some
// labels stay undefined on purpose, so that placeholders can be seen.
func Demo(tenant shopmetrics.Tenant) []Metric {
	d := writer{marker: " [" + tenant.Marker + "]"}
	service := d.label("service", "Service of the shop that the sample is about.")
	instance := d.label("instance", "Process of the service.")
	return []Metric{
		d.metric("http_requests_total", "Requests that the shop's services have answered.", "web", service,
			d.label("code", "HTTP status code of the answer."), d.label("method", "HTTP method of the request.")),
		d.metric("http_request_duration_seconds", "How long the shop's services take to answer, in seconds.", "web", service),
		d.metric("http_request_duration_seconds_bucket", "Answers that took at most le seconds.", "web", service,
			d.label("le", "Upper bound of the bucket in seconds.")),
		d.metric("process_cpu_seconds_total", "CPU time that a process has used, in seconds.", "platform", service, instance),
		d.metric("process_resident_memory_bytes", "Memory that a process holds, in bytes.", "platform", service, instance),
		d.metric("queue_depth", "Messages that wait for a worker.", "orders", service),
		d.metric("db_connections_in_use", "Connections to a database that are busy.", "data", service),
		d.metric("up", "1 while an instance answers, else 0.", "platform", service, instance),
	}
}

type writer struct{ marker string }

func (w writer) metric(name, text, owner string, labels ...Label) Metric {
	return Metric{Metric: name, Description: text + w.marker, Owner: owner, Tags: []string{"demo", "shop"}, Labels: labels}
}

func (w writer) label(name, text string) Label {
	return Label{Label: name, Type: "string", Required: true, Description: text + w.marker}
}
