// Package route is the one table of what the gateway serves: which path, who
// may call it, what a call costs and whether it reads or writes. Routing,
// authorisation, rate limits, docs/routes.md and the OpenAPI document are all
// derived from it; what is not in it cannot be reached.
//
// The table has two kinds of rows: RPCs with an HTTP binding, found by
// reflection (RPCs), and rows that the gateway serves by hand (Native).
package route

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
	// Summary in one line for the documents.
	Summary string `json:"summary,omitempty"`
}

// Transcoded tells whether grpc-gateway serves the row.
func (r *Row) Transcoded() bool { return r.Handler == "" }

// named tells whether a parameter may hold an escaped slash or percent sign.
func (r *Row) named(param string) bool {
	for _, p := range r.NameParams {
		if p == param {
			return true
		}
	}
	return false
}
