package fault

import (
	"net/http"

	"google.golang.org/grpc/codes"
)

// Kind groups codes by who is at fault and what a caller can do.
type Kind uint8

// The kinds. Each has one gRPC code and one HTTP status.
const (
	Internal Kind = iota
	Invalid
	Unauthenticated
	Forbidden
	NotFound
	MethodNotAllowed
	NotAcceptable
	Conflict
	PreconditionFailed
	TooLarge
	UnsupportedMedia
	Unprocessable
	UpgradeRequired
	HeadTooLarge
	Limited
	Canceled
	BadGateway
	Unavailable
	Timeout
)

type kindFace struct {
	http int
	grpc codes.Code
}

var faces = [...]kindFace{
	Internal:           {http.StatusInternalServerError, codes.Internal},
	Invalid:            {http.StatusBadRequest, codes.InvalidArgument},
	Unauthenticated:    {http.StatusUnauthorized, codes.Unauthenticated},
	Forbidden:          {http.StatusForbidden, codes.PermissionDenied},
	NotFound:           {http.StatusNotFound, codes.NotFound},
	MethodNotAllowed:   {http.StatusMethodNotAllowed, codes.Unimplemented},
	NotAcceptable:      {http.StatusNotAcceptable, codes.InvalidArgument},
	Conflict:           {http.StatusConflict, codes.Aborted},
	PreconditionFailed: {http.StatusPreconditionFailed, codes.FailedPrecondition},
	TooLarge:           {http.StatusRequestEntityTooLarge, codes.OutOfRange},
	UnsupportedMedia:   {http.StatusUnsupportedMediaType, codes.InvalidArgument},
	Unprocessable:      {http.StatusUnprocessableEntity, codes.InvalidArgument},
	UpgradeRequired:    {http.StatusUpgradeRequired, codes.FailedPrecondition},
	HeadTooLarge:       {http.StatusRequestHeaderFieldsTooLarge, codes.OutOfRange},
	Limited:            {http.StatusTooManyRequests, codes.ResourceExhausted},
	// 499 is the usual status for a client that left; it is only ever logged.
	Canceled:    {499, codes.Canceled},
	BadGateway:  {http.StatusBadGateway, codes.Unavailable},
	Unavailable: {http.StatusServiceUnavailable, codes.Unavailable},
	Timeout:     {http.StatusGatewayTimeout, codes.DeadlineExceeded},
}

// HTTPStatus of answers with this kind.
func (k Kind) HTTPStatus() int { return faces[k].http }

// GRPCCode of answers with this kind.
func (k Kind) GRPCCode() codes.Code { return faces[k].grpc }

// Ours tells whether the fault is Mirador's or a dependency's, not the
// caller's; such faults are logged as errors.
func (k Kind) Ours() bool {
	return k == Internal || k == BadGateway || k == Unavailable || k == Timeout
}
