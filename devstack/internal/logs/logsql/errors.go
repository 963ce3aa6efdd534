package logsql

import (
	"errors"
	"fmt"
)

var errQuote = errors.New("improperly quoted string")

// maxDepth bounds the nesting of a query.
const maxDepth = 1000

var errDeep = fmt.Errorf("the query nests deeper than %d", maxDepth)

func errorf(format string, args ...any) error { return fmt.Errorf(format, args...) }

// unknown is the error for what the real server has and this package has not.
func unknown(what string) error {
	return fmt.Errorf("the stand-in does not know %s", what)
}
