package head

import (
	"bytes"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// scan walks over the header lines once and remembers what must be unique.
type scan struct {
	limits Limits
	method []byte
	fields int

	hosts, lengths, codings, auths, sessions, cookies, types int

	length, upgrade bool
	drop            []string
}

// block walks over all lines. The block must end in CRLF CRLF, or the end of
// the head would be a matter of opinion.
func (s *scan) block(raw []byte) *fault.Error {
	if len(raw) > 0 && !bytes.HasSuffix(raw, []byte("\r\n\r\n")) {
		return malformed("header lines must end in CRLF")
	}
	for len(raw) > len("\r\n") {
		end := bytes.IndexByte(raw, '\n')
		if end < 1 || raw[end-1] != '\r' {
			return malformed("header lines must end in CRLF")
		}
		if f := s.field(raw[:end-1]); f != nil {
			return f
		}
		raw = raw[end+1:]
	}
	return nil
}

// field judges one line.
func (s *scan) field(line []byte) *fault.Error {
	if s.fields++; s.fields > s.limits.Fields {
		return fault.New(fault.CodeHeadTooLarge, "Request head too large").WithDetail("at most %d header lines", s.limits.Fields)
	}
	if len(line) == 0 || line[0] == ' ' || line[0] == '\t' {
		return malformed("folded header lines are refused")
	}
	name, value, ok := bytes.Cut(line, []byte(":"))
	if !ok || len(name) == 0 || bytes.ContainsFunc(name, notInToken) {
		return malformed("a header name is not valid")
	}
	if bytes.ContainsFunc(value, notInValue) {
		return malformed("a header value holds a control character")
	}
	return s.known(name, bytes.Trim(value, " \t"))
}

func notInToken(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return false
	}
	return r >= 0x80 || !bytes.ContainsRune([]byte("!#$%&'*+-.^_`|~"), r)
}

func notInValue(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// known looks at the headers that frame a request or say who sends it.
func (s *scan) known(name, value []byte) *fault.Error {
	switch {
	case is(name, "host"):
		s.hosts++
		return host(value)
	case is(name, "content-length"):
		s.lengths++
		return s.contentLength(value)
	case is(name, "transfer-encoding"):
		s.codings++
		if !is(value, "chunked") {
			return malformed("the only transfer coding is chunked")
		}
	case is(name, "authorization"):
		s.auths++
	case is(name, "x-session-token"):
		s.sessions++
	case is(name, "cookie"):
		s.cookies++
	case is(name, "content-type"):
		s.types++
	case is(name, "content-encoding"):
		return contentEncoding(value)
	case is(name, "upgrade"):
		s.upgrade = true
	case foreign(name):
		s.drop = append(s.drop, string(name))
	}
	return nil
}

func is(got []byte, want string) bool {
	return len(got) == len(want) && bytes.EqualFold(got, []byte(want))
}

func host(value []byte) *fault.Error {
	if len(value) == 0 || bytes.ContainsFunc(value, notInHost) {
		return malformed("the Host header is not valid")
	}
	return nil
}

func notInHost(r rune) bool {
	return r <= ' ' || r >= 0x7f || bytes.ContainsRune([]byte("/?#@\\\"<>^`{|},;()"), r)
}

func (s *scan) contentLength(value []byte) *fault.Error {
	if len(value) == 0 || len(value) > 18 {
		return malformed("the Content-Length header is not valid")
	}
	for _, c := range value {
		if c < '0' || c > '9' {
			return malformed("the Content-Length header is not valid")
		}
		s.length = s.length || c != '0'
	}
	return nil
}

func contentEncoding(value []byte) *fault.Error {
	if len(value) == 0 || is(value, "identity") {
		return nil
	}
	return fault.New(fault.CodeUnsupportedMedia, "Unsupported content encoding").
		WithDetail("request bodies must be sent without a Content-Encoding")
}

// whole judges what the lines say together.
func (s *scan) whole(r Request) *fault.Error {
	old := bytes.Equal(r.Protocol, []byte("HTTP/1.0"))
	body := s.length || s.codings > 0
	switch {
	case s.hosts > 1 || s.hosts == 0 && !old:
		return malformed("exactly one Host header is required")
	case s.lengths > 1 || s.codings > 1:
		return malformed("the length of the body is given more than once")
	case s.lengths > 0 && s.codings > 0:
		return malformed("Content-Length and Transfer-Encoding exclude each other")
	case s.codings > 0 && old:
		return malformed("HTTP/1.0 knows no Transfer-Encoding")
	case s.auths > 1 || s.sessions > 1 || s.cookies > 1:
		return fault.New(fault.CodeCredentialsMany, "More than one credential").
			WithDetail("Authorization, X-Session-Token and Cookie may be sent once each")
	case s.types > 1:
		return malformed("Content-Type is given more than once")
	case body && (s.upgrade || bytes.Equal(r.Method, []byte("GET")) || bytes.Equal(r.Method, []byte("HEAD"))):
		return malformed("this request must not have a body")
	}
	return nil
}
