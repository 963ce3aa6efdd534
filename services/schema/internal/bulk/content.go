package bulk

import (
	"bytes"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// Limits of a file that configuration decides.
type Limits struct {
	// Bytes of the file.
	Bytes int
}

// refused is the fault of a file that cannot be used at all.
func refused(message, detail string, args ...any) *fault.Error {
	return fault.New(fault.CodeInvalidRequest, message).WithDetail(detail, args...)
}

// Texts that clients compare.
const (
	// TooLarge is also said of a form that cannot be read.
	TooLarge       = "invalid multipart form or file too large"
	unsupported    = "unsupported content type"
	empty          = "empty csv"
	tooManyColumns = "too many columns"
	badHeader      = "invalid utf-8 in header"
	badText        = "invalid utf-8"
	badCSV         = "invalid csv"
	tooManyRows    = "too many rows"
	largeCell      = "cell too large"
)

// media types that a client may declare; spreadsheets and browsers disagree
// on the right one, and the content is looked at as well.
var media = []string{"", "text/csv", "text/plain", "application/vnd.ms-excel", "application/octet-stream"}

// Declared refuses a file whose declared media type cannot be CSV. Parameters
// such as a charset are let through.
func Declared(contentType string) error {
	base, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		base, _, _ = strings.Cut(contentType, ";")
		base = strings.ToLower(strings.TrimSpace(base))
	}
	if !slices.Contains(media, base) {
		return refused(unsupported, "send text/csv, application/vnd.ms-excel or text/plain")
	}
	return nil
}

var bom = []byte("\uFEFF")

// text gives the text of a file that is UTF-8 and nothing else.
func text(data []byte, l Limits) ([]byte, error) {
	if len(data) > l.Bytes {
		return nil, refused(TooLarge, "a file may have %d bytes", l.Bytes)
	}
	if sniffed := http.DetectContentType(data); len(data) > 0 && sniffed != "text/plain; charset=utf-8" {
		return nil, refused(unsupported, "the content is not CSV in UTF-8, it looks like %s", sniffed)
	}
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return nil, refused(unsupported, "line %d holds NUL, as binary files and UTF-16 do", lineAt(data, i))
	}
	data = bytes.TrimPrefix(data, bom)
	if i := invalid(data); i >= 0 {
		return nil, undecodable(data, i)
	}
	return data, misleading(data)
}

// invalid gives the offset of the first byte that is not UTF-8, or -1.
func invalid(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

func undecodable(data []byte, at int) error {
	line := lineAt(data, at)
	if len(bytes.TrimSpace(data[:at])) == 0 || line == 1 {
		return refused(badHeader, "save the file as UTF-8")
	}
	return refused(badText, "line %d; save the file as UTF-8", line)
}

// misleading refuses characters that make text look like other text.
func misleading(data []byte) error {
	if i := bytes.IndexFunc(data, definition.Reverses); i >= 0 {
		return refused(badCSV, "line %d holds a character that reverses text", lineAt(data, i))
	}
	return nil
}

func lineAt(data []byte, offset int) int { return 1 + bytes.Count(data[:offset], []byte("\n")) }
