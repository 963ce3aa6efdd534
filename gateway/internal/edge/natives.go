package edge

// natives binds the handler names of the route table.
func (e *Edge) natives() map[string]handler {
	return map[string]handler{
		"health":       e.health,
		"ready":        e.ready,
		"livez":        e.livez,
		"readyz":       e.readyz,
		"status":       e.status,
		"metrics":      e.metrics,
		"root":         func(x *exchange) error { return x.redirect("/swagger/index.html") },
		"swagger_root": func(x *exchange) error { return x.redirect("/swagger/index.html") },
		"swagger":      e.swagger,
		"openapi_yaml": e.openapiYAML,
		"openapi_json": e.openapiJSON,
		"problems":     e.problems,
		"problem":      e.problem,

		"login":   e.login,
		"logout":  e.logout,
		"refresh": e.refresh,
		"me":      e.me,

		uploadHandler:   e.upload,
		"schema_sample": e.sample,

		"query":           e.hot,
		"query_range":     e.hot,
		"series":          e.hot,
		"labels":          e.hot,
		"label_values":    e.hot,
		"metric_names":    e.hot,
		"metric_metadata": e.hot,
		"prometheus":      e.hot,

		"jaeger":    e.streamed,
		"logs_tail": e.tail,
	}
}
