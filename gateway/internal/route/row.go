// Package route is the one table of what the gateway serves: which path, who
// may call it, what a call costs and whether it reads or writes. Routing,
// authorisation, rate limits, docs/routes.md and the OpenAPI document are all
// derived from it; what is not in it cannot be reached.
//
// The table has three kinds of rows: RPCs with an HTTP binding, found by
// reflection (RPCs), which grpc-gateway serves when they answer with a message
// and the relay when they stream google.api.HttpBody; and rows that the gateway
// serves by hand (Native).
package route

import "net/http"

// Access words that stand in place of a permission.
const (
	// Public rows need no credential.
	Public = "public"
	// Self rows are open to every signed-in user.
	Self = "self"
)

// Effect says whether a call changes anything.
type Effect string

// The effects.
const (
	Read  Effect = "read"
	Write Effect = "write"
)

// Shape is the form of a row's error answers.
type Shape string

// The shapes.
const (
	// Problem is application/problem+json, the default.
	Problem Shape = ""
	// Prometheus is {"status":"error","errorType","error"}.
	Prometheus Shape = "prometheus"
	// Jaeger is {"data":null,"total","limit","offset","errors":[{"code","msg"}]}.
	Jaeger Shape = "jaeger"
)

// Row is one method on one path.
type Row struct {
	// Method in capitals. A GET row also answers HEAD.
	Method string `json:"method"`
	// Pattern with parameters in braces: "/api/v1/label/{name}/values".
	Pattern string `json:"pattern"`
	// Permission a caller needs, or Public or Self.
	Permission string `json:"permission"`
	// Cost in rate-limit units; 0 is exempt from limits.
	Cost uint32 `json:"cost"`
	// Effect of a call.
	Effect Effect `json:"effect"`
	// Handler names the native handler; empty for a transcoded row.
	Handler string `json:"handler,omitempty"`
	// RPC is the full method behind the row: the one that grpc-gateway calls,
	// or the stream that a native row relays. Empty when there is none.
	RPC string `json:"rpc,omitempty"`
	// BadRequest is the exact `error` text for a request that cannot be read.
	BadRequest string `json:"bad_request,omitempty"`
	// NameParams lists parameters that may hold an escaped slash or percent.
	NameParams []string `json:"name_params,omitempty"`
	// AliasOf is the pattern that this row is another name of.
	AliasOf string `json:"alias_of,omitempty"`
	// Shape of error answers.
	Shape Shape `json:"shape,omitempty"`
	// Stream marks an RPC whose answer comes as a stream of bytes, which the
	// edge relays without grpc-gateway.
	Stream bool `json:"stream,omitempty"`
	// Formats an answer can have, the default first; none when there is only
	// one. The Accept header or the parameter "format" chooses.
	Formats []string `json:"formats,omitempty"`
	// RawBody lists the media types of a body that goes on unread.
	RawBody []string `json:"raw_body,omitempty"`
	// Success is the status of a good answer; 0 means 200.
	Success int `json:"success,omitempty"`
	// Long calls are bounded by the time for streams, not by that for requests.
	Long bool `json:"long,omitempty"`
	// Summary in one line for the documents.
	Summary string `json:"summary,omitempty"`
}

// Transcoded tells whether grpc-gateway serves the row.
func (r *Row) Transcoded() bool { return r.Handler == "" && !r.Stream }

// Relayed tells whether the row is served by relaying a stream that was found
// in the protos.
func (r *Row) Relayed() bool { return r.Handler == "" && r.Stream }

// Status of a good answer.
func (r *Row) Status() int {
	if r.Success != 0 {
		return r.Success
	}
	return http.StatusOK
}

// named tells whether a parameter may hold an escaped slash or percent sign.
func (r *Row) named(param string) bool {
	for _, p := range r.NameParams {
		if p == param {
			return true
		}
	}
	return false
}
