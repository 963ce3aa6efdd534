package edge

// docsPolicy lets the Swagger UI run: its own files, and the one inline script
// and style that its page carries.
const (
	strictPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
	pagePolicy   = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

// secure sets the headers that every answer carries. Nothing names a product
// version.
func (e *Edge) secure(x *exchange) {
	x.set("X-Content-Type-Options", "nosniff")
	x.set("X-Frame-Options", "DENY")
	x.set("X-XSS-Protection", "1; mode=block")
	x.set("Referrer-Policy", "strict-origin-when-cross-origin")
	if len(x.req.Response.Header.Peek("Content-Security-Policy")) == 0 {
		x.set("Content-Security-Policy", strictPolicy)
	}
	if x.source != none || x.principal != nil {
		x.set("Cache-Control", "no-store")
	}
	if x.tls {
		x.set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}
