package transcode

import (
	"context"
	"net/http"
	"regexp"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// onError keeps the fault for the edge instead of writing it.
func onError(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, _ *http.Request, err error) {
	r, ok := w.(*recorder)
	if !ok {
		return
	}
	r.fault = faultOf(r, err)
}

// onRouting can only be reached when grpc-gateway's router disagrees with the
// route table, which has matched the request already.
func onRouting(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, _ *http.Request, status int) {
	r, ok := w.(*recorder)
	if !ok {
		return
	}
	switch status {
	case http.StatusMethodNotAllowed:
		r.fault = fault.New(fault.CodeMethodNotAllowed, "Method not allowed")
	case http.StatusNotFound:
		r.fault = fault.New(fault.CodeRouteUnknown, "No such route")
	default:
		r.fault = fault.New(fault.CodeMalformedRequest, "Malformed request path")
	}
}

// faultOf tells a request that grpc-gateway could not read from what a service
// said: only a service attaches details.
func faultOf(r *recorder, err error) error {
	st, ok := status.FromError(err)
	if !ok || st.Code() != codes.InvalidArgument || len(st.Details()) > 0 {
		return fault.From(err)
	}
	return unreadable(r.row.BadRequest, st.Message())
}

var (
	unknownMember = regexp.MustCompile(`unknown field "([^"]+)"`)
	wrongMember   = regexp.MustCompile(`invalid value for (\S+) (?:type|field ([A-Za-z0-9_]+))`)
	wrongParam    = regexp.MustCompile(`(?:parsing field|too many values for field|parsing list) "([^"]+)"`)
)

// unreadable answers in the row's own words and names the member where the
// text of the parser does; the text itself stays behind.
func unreadable(message, cause string) error {
	if message == "" {
		message = "Invalid request"
	}
	f := fault.New(fault.CodeInvalidRequest, message)
	switch {
	case unknownMember.MatchString(cause):
		f = f.WithField("/"+unknownMember.FindStringSubmatch(cause)[1], "is not a known member")
	case wrongParam.MatchString(cause):
		f = f.WithField(wrongParam.FindStringSubmatch(cause)[1], "has the wrong type or is given more than once")
	case wrongMember.MatchString(cause) && wrongMember.FindStringSubmatch(cause)[2] != "":
		f = f.WithField("/"+wrongMember.FindStringSubmatch(cause)[2], "has the wrong type")
	default:
		f = f.WithDetail("a member has the wrong type")
	}
	return f.Wrap(status.Error(codes.InvalidArgument, cause))
}
