package route

import (
	"net/url"
	"strings"
)

// split cuts an escaped path into segments. It refuses what routers and
// guards have been seen to read differently: dot and empty segments, plain or
// encoded, backslashes, NUL and other control characters, broken escapes.
func split(escaped string) ([]string, error) {
	if escaped == "" || escaped[0] != '/' {
		return nil, ErrPath
	}
	segments := strings.Split(escaped[1:], "/")
	for i, s := range segments {
		last := i == len(segments)-1
		if !acceptable(s, last) {
			return nil, ErrPath
		}
	}
	return segments, nil
}

// acceptable judges one segment; only the last may be empty ("/swagger/").
func acceptable(segment string, last bool) bool {
	if segment == "" {
		return last
	}
	decoded := segment
	if strings.IndexByte(segment, '%') >= 0 {
		var err error
		if decoded, err = url.PathUnescape(segment); err != nil {
			return false
		}
	}
	for part := range strings.SplitSeq(decoded, "/") {
		if part == "." || part == ".." {
			return false
		}
	}
	return !strings.ContainsFunc(decoded, forbidden)
}

// slashed tells whether a path holds an escaped slash.
func slashed(escaped string) bool {
	return strings.Contains(escaped, "%2F") || strings.Contains(escaped, "%2f")
}

func forbidden(r rune) bool { return r == '\\' || r < ' ' || r == 0x7f }
