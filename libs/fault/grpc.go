package fault

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
)

// domain marks ErrorInfo details that were written by this package.
const domain = "mirador"

// Keys of ErrorInfo.Metadata.
const (
	keyDetail      = "detail"
	keySuggestions = "suggestions"
	keyExtra       = "extra"
)

// GRPCStatus carries the public face over a hop; grpc-go calls it on errors
// that a handler returns. The cause stays behind.
func (e *Error) GRPCStatus() *status.Status {
	st := status.New(e.Kind().GRPCCode(), e.Message)
	details := []protoadapt.MessageV1{e.info()}
	if len(e.Fields) > 0 {
		details = append(details, e.badRequest())
	}
	if e.RetryAfter > 0 {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(e.RetryAfter)})
	}
	if full, err := st.WithDetails(details...); err == nil {
		return full
	}
	return st
}

func (e *Error) info() *errdetails.ErrorInfo {
	meta := map[string]string{}
	if e.Detail != "" {
		meta[keyDetail] = e.Detail
	}
	if len(e.Suggestions) > 0 {
		meta[keySuggestions] = encode(e.Suggestions)
	}
	if len(e.Extra) > 0 {
		meta[keyExtra] = encode(e.Extra)
	}
	return &errdetails.ErrorInfo{Reason: string(e.Code), Domain: domain, Metadata: meta}
}

func (e *Error) badRequest() *errdetails.BadRequest {
	br := &errdetails.BadRequest{}
	for _, f := range e.Fields {
		br.FieldViolations = append(br.FieldViolations,
			&errdetails.BadRequest_FieldViolation{Field: f.Pointer, Description: f.Detail})
	}
	return br
}

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

// From makes a fault of any error: a fault stays what it is, a gRPC status is
// restored, an expired or cancelled context becomes Timeout or Canceled, and
// everything else is internal. From(nil) is nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	if st, ok := status.FromError(err); ok {
		return FromStatus(st)
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return New(CodeTimeout, "Deadline exceeded").Wrap(err)
	case errors.Is(err, context.Canceled):
		return New(CodeCanceled, "Request canceled").Wrap(err)
	}
	return New(CodeInternal, "Internal error").Wrap(err)
}

// FromStatus restores the fault that GRPCStatus wrote. A status from elsewhere
// (the transport, a third-party engine) is mapped by its code, and its text is
// kept as the private cause.
func FromStatus(st *status.Status) *Error {
	if st == nil || st.Code() == codes.OK {
		return nil
	}
	e := &Error{Message: st.Message()}
	for _, d := range st.Details() {
		e.restore(d)
	}
	if e.Code == "" {
		return foreign(st)
	}
	return e
}

func (e *Error) restore(detail any) {
	switch d := detail.(type) {
	case *errdetails.ErrorInfo:
		if d.Domain == domain {
			e.restoreInfo(d)
		}
	case *errdetails.BadRequest:
		for _, v := range d.FieldViolations {
			e.Fields = append(e.Fields, Field{Pointer: v.Field, Detail: v.Description})
		}
	case *errdetails.RetryInfo:
		e.RetryAfter = d.RetryDelay.AsDuration()
	}
}

func (e *Error) restoreInfo(d *errdetails.ErrorInfo) {
	e.Code = Code(d.Reason)
	e.Detail = d.Metadata[keyDetail]
	// Unreadable extras are dropped: they only ever add to an answer.
	_ = json.Unmarshal([]byte(d.Metadata[keySuggestions]), &e.Suggestions)
	_ = json.Unmarshal([]byte(d.Metadata[keyExtra]), &e.Extra)
}

// retryUnavailable is what a caller is told when a hop gave no hint: gRPC's
// first reconnects happen within that time.
const retryUnavailable = time.Second

func foreign(st *status.Status) *Error {
	cause := st.Err()
	switch st.Code() {
	case codes.Unavailable:
		return New(CodeUnavailable, "Service unavailable").WithRetryAfter(retryUnavailable).Wrap(cause)
	case codes.DeadlineExceeded:
		return New(CodeTimeout, "Deadline exceeded").Wrap(cause)
	case codes.Canceled:
		return New(CodeCanceled, "Request canceled").Wrap(cause)
	case codes.InvalidArgument, codes.OutOfRange:
		return New(CodeInvalidRequest, "Invalid request").Wrap(cause)
	case codes.NotFound:
		return New(CodeNotFound, "Not found").Wrap(cause)
	case codes.PermissionDenied:
		return New(CodeAccessDenied, "Access denied").Wrap(cause)
	case codes.Unauthenticated:
		return New(CodeAuthRequired, "Authentication required").Wrap(cause)
	case codes.ResourceExhausted:
		return New(CodeBusy, "Too many requests").WithRetryAfter(retryUnavailable).Wrap(cause)
	}
	return New(CodeInternal, "Internal error").Wrap(cause)
}
