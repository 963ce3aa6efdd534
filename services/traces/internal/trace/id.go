package trace

import (
	"strings"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// idDigits of a whole trace id (W3C Trace Context, 128 bits).
const idDigits = 32

// ParseID gives the trace id as the back end wants it: 32 lower-case
// hexadecimal digits. Clients may leave leading zeros out and write capitals;
// anything else is a fault that names the field.
func ParseID(field, text string) (string, error) {
	id := strings.ToLower(text)
	if len(id) == 0 || len(id) > idDigits || strings.Trim(id, "0123456789abcdef") != "" {
		return "", badID(field, "must be 1 to 32 hexadecimal digits")
	}
	if strings.Trim(id, "0") == "" {
		return "", badID(field, "must not be all zeros")
	}
	return strings.Repeat("0", idDigits-len(id)) + id, nil
}

func badID(field, detail string) error {
	return fault.New(fault.CodeInvalidRequest, "Invalid trace ID").WithField(field, "%s", detail)
}
