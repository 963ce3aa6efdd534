package compose

// frame puts paths and schemas into the document of the contract.
func frame(paths map[string]map[string]object, schemas object) document {
	return document{
		OpenAPI: "3.0.3",
		Info: object{"title": "MIRADOR-CORE API", "version": "2.1.3",
			"description": "Metrics with the definitions of what they mean, logs and traces. Paths are relative to basePath; a few exist at the root " +
				"as well. Every fault is a problem document whose `type` leads to a page with cause and cure."},
		Servers: []object{server("{scheme}://{host}{basePath}", object{"scheme": scheme(), "host": host(),
			"basePath": object{"default": base, "enum": []string{base, ""}}})},
		Security: security(),
		Tags: []object{
			tag("Metrics", "MetricsQL, answered with definitions."),
			tag("QueryService", "Help with query texts."),
			tag("LogsService", "LogsQL: rows, counts, and what can be learned from them."),
			tag("TracesService", "Traces in Jaeger's shape, flame graphs, the map of services."),
			tag("SchemaService", "Definitions of metrics and labels."),
			tag("Prometheus", "The read part of Prometheus' HTTP API, for Grafana."),
			tag("Jaeger", "The read part of Jaeger's HTTP API, for its UI and for Grafana."),
			tag("Auth", "Login and sessions."),
			tag("Health", "State of the gateway and of what is behind it."),
			tag("Documents", "This document and its pages."),
		},
		Paths: paths,
		Components: object{"schemas": schemas, "securitySchemes": object{
			"BearerAuth":    object{"type": "http", "scheme": "bearer", "description": "Access token (JWT) or session id."},
			"SessionHeader": object{"type": "apiKey", "in": "header", "name": "X-Session-Token", "description": "Session id."},
			"SessionCookie": object{"type": "apiKey", "in": "cookie", "name": "mirador_session",
				"description": "Session id; writes need an Origin header as well."},
		}},
	}
}

// security lists the credentials, of which a request carries exactly one.
func security() []object {
	return []object{{"BearerAuth": []string{}}, {"SessionHeader": []string{}}, {"SessionCookie": []string{}}}
}

func server(url string, variables object) object { return object{"url": url, "variables": variables} }

func scheme() object { return object{"default": "http", "enum": []string{"http", "https"}} }

func host() object { return object{"default": "localhost:8080"} }

func tag(name, description string) object { return object{"name": name, "description": description} }
