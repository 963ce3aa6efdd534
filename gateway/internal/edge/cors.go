package edge

import (
	"slices"
	"strconv"
	"strings"
)

// allows tells whether pages of the origin may call. Origins are compared
// whole: no prefix, no suffix, no pattern.
func (c *CORSConfig) allows(origin string) bool {
	return slices.Contains(c.AllowedOrigins, origin) || c.Open()
}

// Open tells whether every origin is allowed.
func (c *CORSConfig) Open() bool { return slices.Contains(c.AllowedOrigins, "*") }

// crossOrigin sets the CORS headers and answers every OPTIONS request: 204,
// empty, whatever the path.
func (e *Edge) crossOrigin(x *exchange) error {
	cors := e.cors.Load()
	if len(cors.AllowedOrigins) > 0 {
		x.set("Vary", "Origin")
	}
	origin := x.header("Origin")
	allowed := origin != "" && cors.allows(origin)
	if allowed {
		cors.admit(x, origin)
	}
	if x.method != "OPTIONS" {
		return nil
	}
	if allowed && x.header("Access-Control-Request-Method") != "" {
		cors.preflight(x)
	}
	x.req.Response.SetStatusCode(204)
	return errDone
}

func (c *CORSConfig) admit(x *exchange, origin string) {
	if c.Open() {
		x.set("Access-Control-Allow-Origin", "*")
	} else {
		x.set("Access-Control-Allow-Origin", origin)
	}
	if c.AllowCredentials {
		x.set("Access-Control-Allow-Credentials", "true")
	}
	if len(c.ExposedHeaders) > 0 {
		x.set("Access-Control-Expose-Headers", strings.Join(c.ExposedHeaders, ", "))
	}
}

func (c *CORSConfig) preflight(x *exchange) {
	x.set("Access-Control-Allow-Methods", strings.Join(c.AllowedMethods, ", "))
	x.set("Access-Control-Allow-Headers", strings.Join(c.AllowedHeaders, ", "))
	x.set("Access-Control-Max-Age", strconv.Itoa(int(c.MaxAge.Seconds())))
	x.set("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
}
