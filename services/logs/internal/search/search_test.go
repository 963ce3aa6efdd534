package search

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
	"github.com/platformbuilds/mirador-core/services/logs/internal/window"
)

var began = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

// written is one row of the fake back end.
type written struct {
	ns      int64
	stream  string
	content string
}

func (w written) json(swap bool) []byte {
	at := time.Unix(0, w.ns).UTC().Format(time.RFC3339Nano)
	if swap {
		return fmt.Appendf(nil, `{"n":%q,"_stream_id":%q,"_time":%q}`, w.content, w.stream, at)
	}
	return fmt.Appendf(nil, `{"_time":%q,"_stream_id":%q,"n":%q}`, at, w.stream, w.content)
}

// backend behaves as VictoriaLogs does: rows in no order, and of the oldest
// time any that fill the limit.
type backend struct {
	rows  []written
	rand  *rand.Rand
	asked int
	most  int
}

func (b *backend) store(_ context.Context, s Span, each func(*row.Row) error) error {
	b.asked++
	b.rand.Shuffle(len(b.rows), func(i, j int) { b.rows[i], b.rows[j] = b.rows[j], b.rows[i] })
	var found []written
	for _, w := range b.rows {
		if at := time.Unix(0, w.ns); !at.Before(s.Window.Start) && !at.After(s.Window.End) && asks(s.Query, w.stream) {
			found = append(found, w)
		}
	}
	if strings.HasSuffix(s.Query, "| uniq by (_stream_id)") {
		slices.SortFunc(found, func(a, b written) int { return strings.Compare(a.stream, b.stream) })
		found = slices.CompactFunc(found, func(a, b written) bool { return a.stream == b.stream })
	}
	if s.Limit == 0 {
		s.Limit = len(found)
	}
	slices.SortStableFunc(found, func(a, b written) int { return compareTime(a.ns, b.ns) })
	found = found[:min(len(found), s.Limit)]
	b.most = max(b.most, len(found))
	b.rand.Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
	for _, w := range found {
		var r row.Row
		if err := row.Parse(w.json(b.rand.IntN(2) == 0), &r); err != nil {
			return err
		}
		if err := each(&r); err != nil {
			return err
		}
	}
	return nil
}

// asks tells whether a query, which names a stream or none, finds the stream.
func asks(query, stream string) bool {
	return !strings.Contains(query, "_stream_id:") || strings.Contains(query, fmt.Sprintf("_stream_id:%q", stream))
}

// largest number of rows of one time and stream.
func (b *backend) largest() int {
	counts, most := map[written]int{}, 1
	for _, w := range b.rows {
		w.content = ""
		counts[w]++
		most = max(most, counts[w])
	}
	return most
}

// draw makes rows with many of one nanosecond and of one millisecond, and some
// that are equal.
func draw(t *rapid.T) (*backend, window.Window) {
	b := &backend{rand: rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 1))}
	times := rapid.IntRange(1, 12).Draw(t, "times")
	for range rapid.IntRange(0, 60).Draw(t, "rows") {
		ms := b.rand.IntN(times)
		b.rows = append(b.rows, written{
			ns:      began.Add(time.Duration(ms)*time.Millisecond + time.Duration(b.rand.IntN(3))).UnixNano(),
			stream:  string(rune('a' + b.rand.IntN(3))),
			content: string(rune('0' + b.rand.IntN(4))),
		})
	}
	begin := rapid.IntRange(-1, 2).Draw(t, "begin")
	return b, window.Window{Start: began.Add(time.Duration(begin) * time.Millisecond), End: began.Add(8*time.Millisecond + 1)}
}

// visible rows of the window, as they must be delivered.
func visible(rows []written, w window.Window) map[string]int {
	found := map[string]int{}
	for _, r := range rows {
		if at := time.Unix(0, r.ns); !at.Before(w.Start) && !at.After(w.End) {
			found[canonical(r.json(false))]++
		}
	}
	return found
}

func canonical(line []byte) string {
	var r row.Row
	if err := row.Parse(line, &r); err != nil {
		panic(err)
	}
	return string(r.Canonical(nil))
}

func timeOf(line []byte) time.Time {
	var r row.Row
	if err := row.Parse(line, &r); err != nil {
		panic(err)
	}
	at, _ := r.Time()
	return at
}

// TestPagesAreExact is the law of paging: whatever the sizes of pages, and
// whatever arrives between them, every row that was visible at the first page
// is delivered once, newest first.
func TestPagesAreExact(t *testing.T) {
	for _, form := range []string{"cursor", "place", "either", "streams"} {
		t.Run(form, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { walk(t, form) })
		})
	}
}

func walk(t *rapid.T, form string) {
	b, w := draw(t)
	want := visible(b.rows, w)
	bounds := DefaultBounds()
	if form == "streams" {
		bounds.Group = b.largest()
	}
	search := New(b.store, bounds)
	got := map[string]int{}
	r := Request{Query: "*", Window: w}
	last := w.End
	for n := 0; ; n++ {
		if n > 200 {
			t.Fatal("the pages do not end")
		}
		r.Limit = rapid.IntRange(1, 9).Draw(t, "limit")
		p, err := search.Page(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Rows) > r.Limit || (len(p.Rows) == r.Limit) != (p.Cursor != nil) {
			t.Fatalf("%d rows of %d, cursor %v", len(p.Rows), r.Limit, p.Cursor)
		}
		for _, line := range p.Rows {
			at := timeOf(line)
			if at.After(last) {
				t.Fatalf("%s comes after %s", at, last)
			}
			last = at
			got[canonical(line)]++
		}
		if p.Cursor == nil {
			break
		}
		r.After, r.Cursor = p.After, nil
		if form == "cursor" || form == "streams" || form == "either" && rapid.Bool().Draw(t, "cursor") {
			r.Cursor = again(t, p.Cursor)
		}
		arrive(t, b, w, n, form == "cursor")
	}
	maps.DeleteFunc(got, func(line string, n int) bool {
		if strings.Contains(line, "late") && n > 1 {
			t.Fatalf("%s came %d times", line, n)
		}
		return strings.Contains(line, "late")
	})
	if !maps.Equal(got, want) {
		t.Fatalf("got %v\nwant %v", got, want)
	}
}

// again sends the cursor to the client and back.
func again(t *rapid.T, c *Cursor) *Cursor {
	key := [8]byte{1, 2, 3}
	out, err := Decode(c.Encode(key), key)
	if err != nil || *out != *c {
		t.Fatalf("%+v became %+v: %v", c, out, err)
	}
	return out
}

// arrive adds rows: new ones behind the window and, where the place is exact,
// late ones within it.
func arrive(t *rapid.T, b *backend, w window.Window, n int, exact bool) {
	for i := range rapid.IntRange(0, 3).Draw(t, "arrivals") {
		b.rows = append(b.rows, written{ns: w.End.UnixNano() + int64(1+n), stream: "a", content: fmt.Sprint("new", n, i)})
		if exact && rapid.Bool().Draw(t, "late") {
			at := began.Add(time.Duration(b.rand.IntN(8))*time.Millisecond + time.Duration(b.rand.IntN(3)))
			b.rows = append(b.rows, written{ns: at.UnixNano(), stream: string(rune('a' + b.rand.IntN(3))), content: fmt.Sprint("late", n, ".", i)})
		}
	}
}

func TestPagesOfManyRowsAskFewTimes(t *testing.T) {
	b := &backend{rand: rand.New(rand.NewPCG(1, 1))}
	for i := range 5000 {
		b.rows = append(b.rows, written{ns: began.Add(time.Duration(i) * time.Microsecond).UnixNano(), stream: "a", content: fmt.Sprint(i)})
	}
	r := Request{Window: window.Window{Start: began, End: began.Add(time.Hour)}, Limit: 1000}
	rows := 0
	for {
		p, err := New(b.store, DefaultBounds()).Page(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if rows += len(p.Rows); p.Cursor == nil {
			break
		}
		r.Cursor = p.Cursor
	}
	if rows != 5000 || b.asked > 6 || b.most > 1001 {
		t.Errorf("%d rows in %d questions of up to %d rows", rows, b.asked, b.most)
	}
}

func TestBounds(t *testing.T) {
	b := &backend{rand: rand.New(rand.NewPCG(1, 1))}
	for i := range 100 {
		b.rows = append(b.rows, written{ns: began.UnixNano(), stream: "a", content: strings.Repeat("x", 100) + fmt.Sprint(i)})
	}
	r := Request{Window: window.Window{Start: began, End: began.Add(time.Hour)}, Limit: 10}
	for name, tt := range map[string]struct {
		bounds Bounds
		code   fault.Code
	}{
		"group": {Bounds{Group: 50, Bytes: 1 << 20}, fault.CodeQueryTooExpensive},
		"bytes": {Bounds{Group: 200, Bytes: 5000}, fault.CodeAnswerTooLarge},
		"none":  {Bounds{Group: 100, Bytes: 1 << 20}, ""},
	} {
		_, err := New(b.store, tt.bounds).Page(t.Context(), r)
		if f := fault.From(err); (f == nil) != (tt.code == "") || f != nil && f.Code != tt.code {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestRowsWithoutTimeCannotBePaged(t *testing.T) {
	store := func(_ context.Context, _ Span, each func(*row.Row) error) error {
		var r row.Row
		_ = row.Parse([]byte(`{"_msg":"a","timestamp":"2026-11-20T10:00:00Z"}`), &r)
		return each(&r)
	}
	_, err := New(store, DefaultBounds()).Page(t.Context(), Request{Window: window.Window{Start: began, End: began}, Limit: 1})
	if f := fault.From(err); f == nil || f.Code != fault.CodeQueryRejected {
		t.Errorf("got %v", err)
	}
}

func TestStoreFails(t *testing.T) {
	broken := errors.New("broken")
	store := func(context.Context, Span, func(*row.Row) error) error { return broken }
	w := window.Window{Start: began, End: began.Add(time.Second)}
	for name, r := range map[string]Request{
		"first":  {Window: w, Limit: 1},
		"cursor": {Window: w, Limit: 1, Cursor: &Cursor{Time: began.UnixNano()}},
		"place":  {Window: w, Limit: 1, After: &Place{Milli: began.UnixMilli()}},
	} {
		if _, err := New(store, DefaultBounds()).Page(t.Context(), r); !errors.Is(err, broken) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestForeignCursors(t *testing.T) {
	c := Cursor{Window: window.Window{Start: began, End: began}, Stream: "a"}
	text := c.Encode([8]byte{1})
	for name, in := range map[string]string{"other key": c.Encode([8]byte{2}), "empty": "", "no base64": "%%%", "cut": text[:12], "short": text[:len(text)-12]} {
		if got, err := Decode(in, [8]byte{1}); err == nil {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func FuzzDecode(f *testing.F) {
	c := Cursor{Window: window.Window{Start: began, End: began.Add(time.Hour)}, Time: 7, Stream: "abc", OfStream: 1, Same: 2, OfMilli: 3, Last: 9, Whole: true}
	f.Add(c.Encode([8]byte{1}))
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Decode(text, [8]byte{1})
		if err != nil {
			return
		}
		if again, err := Decode(c.Encode([8]byte{1}), [8]byte{1}); err != nil || *again != *c {
			t.Fatalf("%+v became %+v", c, again)
		}
		if n := c.delivered([]entry{{stream: "a"}, {stream: "b"}}); n < 0 || n > 2 {
			t.Fatalf("delivered %d", n)
		}
	})
}
