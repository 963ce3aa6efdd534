package fault

// Code names a fault for machines. The set is closed: every code stands in
// the catalogue, and the gateway serves a page for each at /problems/<code>.
type Code string

// The codes.
const (
	CodeInternal          Code = "internal"
	CodeInvalidRequest    Code = "invalid_request"
	CodeMalformedRequest  Code = "malformed_request"
	CodeInvalidTime       Code = "invalid_time"
	CodeQueryInvalid      Code = "query_invalid"
	CodeQueryTooLong      Code = "query_too_long"
	CodeQueryTooExpensive Code = "query_too_expensive"
	CodeQueryRejected     Code = "query_rejected"
	CodeParamForbidden    Code = "parameter_forbidden"
	CodeAuthRequired      Code = "authentication_required"
	CodeTokenInvalid      Code = "token_invalid"
	CodeLoginFailed       Code = "login_failed"
	CodeCredentialsMany   Code = "credentials_ambiguous"
	CodeAccessDenied      Code = "access_denied"
	CodeTenantRequired    Code = "tenant_required"
	CodeTenantForeign     Code = "tenant_foreign"
	CodeOriginRefused     Code = "origin_refused"
	CodeRouteUnknown      Code = "route_unknown"
	CodeNotFound          Code = "not_found"
	CodeMethodNotAllowed  Code = "method_not_allowed"
	CodeNotAcceptable     Code = "not_acceptable"
	CodeConflict          Code = "conflict"
	CodePrecondition      Code = "precondition_failed"
	CodeTooLarge          Code = "too_large"
	CodeUnsupportedMedia  Code = "unsupported_media_type"
	CodeUpgradeRequired   Code = "upgrade_required"
	CodeHeadTooLarge      Code = "head_too_large"
	CodeRateLimited       Code = "rate_limited"
	CodeBusy              Code = "too_many_concurrent_queries"
	CodeQuotaExceeded     Code = "quota_exceeded"
	CodeCanceled          Code = "client_gone"
	CodeTimeout           Code = "deadline_exceeded"
	CodeUnavailable       Code = "service_unavailable"
	CodeBackendDown       Code = "backend_unavailable"
	CodeBackendFailed     Code = "backend_failed"
	CodeAnswerTooLarge    Code = "answer_too_large"
)

// Entry describes one code of the catalogue.
type Entry struct {
	// Code in answers.
	Code Code
	// Kind decides the status.
	Kind Kind
	// Title is the short, unchanging summary.
	Title string
	// Cause and Cure make up the page behind the problem's type.
	Cause, Cure string
}

// Catalog lists every code in the order of its page.
func Catalog() []Entry {
	return catalog
}

// Entry of the code; an unknown code is an internal fault.
func (c Code) Entry() Entry {
	if e, ok := byCode[c]; ok {
		return e
	}
	return byCode[CodeInternal]
}

var byCode = func() map[Code]Entry {
	m := make(map[Code]Entry, len(catalog))
	for _, e := range catalog {
		m[e.Code] = e
	}
	return m
}()

var catalog = []Entry{
	{CodeInvalidRequest, Invalid, "The request is not valid",
		"A parameter or a member of the body is missing, has the wrong type or is out of range.",
		"Read `errors`: each entry points to the member and says what is expected."},
	{CodeMalformedRequest, Invalid, "The request cannot be read",
		"The head or the body breaks the rules of HTTP or JSON.",
		"Send one well-formed message with one value as its body."},
	{CodeInvalidTime, Invalid, "A time or duration is not valid",
		"A time is not RFC 3339, epoch or relative, or the range is reversed.",
		"Use forms such as 2026-01-02T15:04:05Z, 1767366245, now-1h; durations such as 90s, 5m, 1h30m."},
	{CodeQueryInvalid, Invalid, "The query cannot be parsed",
		"The text is not valid in its query language.",
		"`detail` and `position` say where; POST /api/v1/query/validate checks a query without running it."},
	{CodeQueryTooLong, TooLarge, "The query text is too long",
		"The text is longer than this server accepts.",
		"Shorten the query, for example with a regular expression in place of many names."},
	{CodeQueryTooExpensive, Unprocessable, "The query asks for too much",
		"It would return more points or series, or cover a longer range, than this server allows.",
		"Follow `suggestions`: a larger step, a shorter range or a narrower selector."},
	{CodeQueryRejected, Unprocessable, "The back end refused the query",
		"The query parses but cannot be evaluated.",
		"`detail` holds the back end's own words."},
	{CodeParamForbidden, Invalid, "A parameter is not allowed",
		"The parameter would choose a tenant or a filter of the back end.",
		"Leave it out: both come from your identity."},
	{CodeAuthRequired, Unauthenticated, "Authentication is required",
		"The request carries no credential.",
		"Send `Authorization: Bearer <token>`; POST /api/v1/auth/login issues one."},
	{CodeTokenInvalid, Unauthenticated, "The credential is not valid",
		"The token or session is unknown, expired or revoked.",
		"Log in again or refresh the session."},
	{CodeLoginFailed, Unauthenticated, "The login failed",
		"User and password do not match, or the account is locked for a while.",
		"Check both; after several failures wait before the next try."},
	{CodeCredentialsMany, Invalid, "More than one credential",
		"A request may carry one credential from one source only.",
		"Send only one of Authorization, X-Session-Token and the session cookie."},
	{CodeAccessDenied, Forbidden, "Access denied",
		"Your roles do not hold the permission that this route needs.",
		"Ask an administrator for a role that holds the permission named in `detail`."},
	{CodeTenantRequired, Forbidden, "No tenant",
		"The identity names no tenant, or a tenant that this server does not know.",
		"Ask an administrator to list the tenant in the configuration."},
	{CodeTenantForeign, Forbidden, "Foreign tenant",
		"The request names a tenant other than that of the identity.",
		"Leave the tenant out, or log in to the other tenant."},
	{CodeOriginRefused, Forbidden, "Origin refused",
		"A request with a cookie came from a page of another origin.",
		"Send the request from an allowed origin, or use a bearer token."},
	{CodeRouteUnknown, NotFound, "No such route",
		"Nothing is served under this path.",
		"See /swagger for the routes."},
	{CodeNotFound, NotFound, "Not found",
		"The object does not exist, or not for you.",
		"Check its name."},
	{CodeMethodNotAllowed, MethodNotAllowed, "Method not allowed",
		"The path exists, but not with this method.",
		"Use a method listed in the Allow header."},
	{CodeNotAcceptable, NotAcceptable, "Not acceptable",
		"The answer cannot be given in a media type that the request accepts.",
		"Accept application/json."},
	{CodeConflict, Conflict, "Conflict",
		"The object was changed by somebody else at the same time.",
		"Read it again and repeat the change."},
	{CodePrecondition, PreconditionFailed, "Precondition failed",
		"The object is no longer at the version named in If-Match.",
		"Read it again and repeat the change."},
	{CodeTooLarge, TooLarge, "The request is too large",
		"The body is larger than this route accepts.",
		"Send less; `detail` names the limit."},
	{CodeUnsupportedMedia, UnsupportedMedia, "Unsupported media type",
		"The body's Content-Type or Content-Encoding is not accepted here.",
		"Send application/json without a Content-Encoding."},
	{CodeUpgradeRequired, UpgradeRequired, "A WebSocket is required",
		"This route sends what happens as it happens, which a plain answer cannot.",
		"Open it as a WebSocket, or send `Accept: text/event-stream` for server-sent events."},
	{CodeHeadTooLarge, HeadTooLarge, "The request head is too large",
		"The request line and headers together exceed the limit.",
		"Send fewer or shorter headers, or a POST in place of a long URL."},
	{CodeRateLimited, Limited, "Rate limit exceeded",
		"Your tenant, user or address has used up its requests of this window.",
		"Wait for the seconds in Retry-After."},
	{CodeBusy, Limited, "Too many queries at once",
		"Your tenant already runs as many queries as it may.",
		"Wait for the seconds in Retry-After, or run fewer queries side by side."},
	{CodeQuotaExceeded, Unprocessable, "Quota exceeded",
		"Your tenant keeps as many objects of this kind as it may.",
		"Remove some, or ask an administrator for a larger quota; `detail` names the limit."},
	{CodeCanceled, Canceled, "The client left",
		"The connection was closed before the answer was ready.",
		"Nothing to do."},
	{CodeTimeout, Timeout, "The deadline passed",
		"The stage named in `detail` did not answer in time.",
		"Ask for less, or raise `timeout` up to the server's own."},
	{CodeUnavailable, Unavailable, "A service is not available",
		"A part of Mirador that this route needs is away.",
		"Try again after the seconds in Retry-After; /readyz?verbose lists the parts."},
	{CodeBackendDown, Unavailable, "The back end is not available",
		"No endpoint of the metrics, logs or traces store answers.",
		"Try again after the seconds in Retry-After; /microservices/status lists the stores."},
	{CodeBackendFailed, BadGateway, "The back end failed",
		"The store answered with something that cannot be used.",
		"Try again; if it stays, give the request id to an administrator."},
	{CodeAnswerTooLarge, Unprocessable, "The answer is too large",
		"The store's answer exceeds the size that this server relays.",
		"Narrow the query or raise the step."},
	{CodeInternal, Internal, "Internal error",
		"Something in Mirador broke.",
		"Give the request id to an administrator."},
}
