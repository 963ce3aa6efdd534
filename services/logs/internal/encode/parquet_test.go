package encode

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
)

// table reads a Parquet file back as rows of texts, nulls left out.
func readParquet(t *testing.T, file []byte) (rows []map[string]string, groups int) {
	t.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	names := f.Schema().Columns()
	for _, group := range f.RowGroups() {
		groups++
		reader := group.Rows()
		buf := make([]parquet.Row, 64)
		for {
			n, err := reader.ReadRows(buf)
			for _, r := range buf[:n] {
				rows = append(rows, texts(names, r))
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := reader.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return rows, groups
}

func texts(names [][]string, r parquet.Row) map[string]string {
	out := map[string]string{}
	for _, v := range r {
		name := names[v.Column()][0]
		switch {
		case v.IsNull():
		case v.Kind() == parquet.Int64:
			out[name] = time.Unix(0, v.Int64()).UTC().Format(time.RFC3339Nano)
		default:
			out[name] = v.String()
		}
	}
	return out
}

func TestParquet(t *testing.T) {
	fields := []string{"_msg", "_time", "level", "log.text"}
	file := body(t, Parquet, fields, first, second, `{"_time":"never","log.text":"x","unknown":"y"}`)
	rows, _ := readParquet(t, file)
	want := []map[string]string{
		{"_time": "2026-11-20T10:00:00.000000001Z", "_msg": `a "b"`, "level": "info"},
		{"_time": "2026-11-20T10:00:01Z", "_msg": "=1+1"},
		{"_time_text": "never", "log.text": "x"},
	}
	if fmt.Sprint(rows) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", rows, want)
	}
}

func TestParquetWithoutRows(t *testing.T) {
	if rows, _ := readParquet(t, body(t, Parquet, []string{"_msg"})); len(rows) != 0 {
		t.Errorf("%v", rows)
	}
}

// count forgets what is written.
type count int

func (c *count) Write(p []byte) (int, error) {
	*c += count(len(p))
	return len(p), nil
}

func TestParquetMemoryDoesNotGrow(t *testing.T) {
	const rows, bound = 30_000, 80 << 20
	var written count
	e, err := New(Parquet, &written, []string{"_msg", "_time", "n"})
	if err != nil {
		t.Fatal(err)
	}
	var r row.Row
	filler := strings.Repeat("x", 1500)
	for i := range rows {
		line := fmt.Appendf(nil, `{"_time":"2026-11-20T10:00:00Z","_msg":"%s %d","n":"%d"}`, filler, i*7919, i)
		if err := row.Parse(line, &r); err != nil {
			t.Fatal(err)
		}
		if err := e.Encode(&r); err != nil {
			t.Fatal(err)
		}
		if i%5_000 == 0 {
			held(t, bound)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if written == 0 {
		t.Error("nothing written")
	}
}

// held fails when more memory is in use than the bound.
func held(t *testing.T, bound uint64) {
	t.Helper()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapAlloc > bound {
		t.Fatalf("%d MiB in use", m.HeapAlloc>>20)
	}
}

func TestParquetWithManyFields(t *testing.T) {
	fields := make([]string, 2000)
	for i := range fields {
		fields[i] = fmt.Sprintf("field%04d", i)
	}
	var out bytes.Buffer
	e, err := New(Parquet, &out, fields)
	if err != nil {
		t.Fatal(err)
	}
	var r row.Row
	for i := range 300 {
		if err := row.Parse(fmt.Appendf(nil, `{"field%04d":"v","field0001":"w%d"}`, i%2000, i), &r); err != nil {
			t.Fatal(err)
		}
		if err := e.Encode(&r); err != nil {
			t.Fatal(err)
		}
	}
	held(t, 256<<20)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if rows, _ := readParquet(t, out.Bytes()); len(rows) != 300 || rows[5]["field0005"] != "v" {
		t.Errorf("%d rows", len(rows))
	}
}
