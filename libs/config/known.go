package config

// sections lists the top-level parts that some Mirador service owns. A service
// that declares nothing below one ignores it; otherwise it is strict there.
func sections() []string {
	return []string{
		// The contract's own.
		"auth", "cache", "cors", "database", "environment", "grpc", "integrations", "log_level", "monitoring",
		"port", "uploads", "weaviate", "websocket",
		// Shared by services.
		"debug", "events", "identity", "limits", "nats", "roles", "shutdown", "tenants", "tls", "users",
		"http",
	}
}

// deployables lists the sections that belong to one deployable each.
func deployables() []string {
	return []string{
		"gateway", "query", "logs", "traces", "schema", "ai", "notify",
		"predict_engine", "rca_engine", "alert_engine", "predict-engine", "rca-engine", "alert-engine", "devstack",
	}
}

// contractKeys lists the keys below those sections that belong to a service
// without being declared by all that read the section. ".*" stands for
// anything below.
func contractKeys() []string {
	return []string{
		"auth.enabled", "auth.anonymous.*", "auth.users.*", "auth.session.*", "auth.sessions.*", "auth.login.*",
		"auth.lockout.*", "auth.api_keys.*", "auth.cookie.*", "auth.tokens.*",
		"auth.jwt.*", "auth.rbac.*",
		"auth.ldap.url", "auth.ldap.base_dn", "auth.ldap.username", "auth.ldap.password", "auth.ldap.enabled",
		"auth.oauth.client_id", "auth.oauth.client_secret", "auth.oauth.redirect_url", "auth.oauth.issuer", "auth.oauth.enabled",
		"auth.ldap.password_file", "auth.oauth.client_secret_file", "auth.rbac.enabled", "auth.rbac.admin_role",
		"auth.rbac.roles", "auth.jwt.secret", "auth.jwt.secret_file", "auth.jwt.expiry_minutes",
		"cache.nodes", "cache.ttl", "cache.password", "cache.password_file", "cache.db",
		"cors.allowed_origins", "cors.allowed_methods", "cors.allowed_headers", "cors.exposed_headers",
		"cors.allow_credentials", "cors.max_age",
		"database.victoria_metrics.*", "database.victoria_logs.*", "database.victoria_traces.*",
		"grpc.predict_engine.*", "grpc.rca_engine.*", "grpc.alert_engine.*",
		"integrations.slack.*", "integrations.ms_teams.*", "integrations.email.*",
		"monitoring.enabled", "monitoring.metrics_path", "monitoring.prometheus_enabled",
		"monitoring.tracing_enabled", "monitoring.jaeger_endpoint", "monitoring.otlp_endpoint", "monitoring.sample_ratio",
		"uploads.bulk_max_bytes", "uploads.bulk_max_mib", "uploads.bulk_per_day",
		"weaviate.enabled", "weaviate.scheme", "weaviate.host", "weaviate.port", "weaviate.api_key", "weaviate.api_key_file",
		"weaviate.consistency", "weaviate.use_official", "weaviate.nested_keys",
		"websocket.enabled", "websocket.max_connections", "websocket.read_buffer_size", "websocket.write_buffer_size",
		"websocket.ping_interval", "websocket.max_message_size",
	}
}
