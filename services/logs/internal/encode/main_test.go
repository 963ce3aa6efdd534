package encode

import (
	"bytes"
	"testing"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// body encodes the lines.
func body(t *testing.T, f Format, fields []string, lines ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	e, err := New(f, &out, fields)
	if err != nil {
		t.Fatal(err)
	}
	var r row.Row
	for _, line := range lines {
		if err := row.Parse([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if err := e.Encode(&r); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
