package server

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

// shelf is a back end with rows. It widens ends in whole seconds, knows the
// filter by exact times, and gives rows in no order.
type shelf struct {
	mu   sync.Mutex
	rows []shelved
	most int
}

type shelved struct {
	at   time.Time
	json string
}

func (s *shelf) add(at time.Time, content string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = append(s.rows, shelved{at, fmt.Sprintf(`{"_time":%q,"_stream_id":"aa","_msg":%q}`, at.Format(time.RFC3339Nano), content)})
}

var between = regexp.MustCompile(`_time:\[([^,]+), ([^)]+)\)`)

func (s *shelf) handler(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	start, _ := time.Parse(time.RFC3339Nano, r.FormValue("start"))
	end, _ := time.Parse(time.RFC3339Nano, r.FormValue("end"))
	if end.Nanosecond() == 0 {
		end = end.Add(time.Second - 1)
	}
	if m := between.FindStringSubmatch(r.FormValue("query")); m != nil {
		before, _ := time.Parse(time.RFC3339Nano, m[2])
		end = before.Add(-1)
	}
	limit, _ := strconv.Atoi(r.FormValue("limit"))
	var found []shelved
	for _, row := range s.rows {
		if !row.at.Before(start) && !row.at.After(end) {
			found = append(found, row)
		}
	}
	rand.Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
	slices.SortStableFunc(found, func(a, b shelved) int { return b.at.Compare(a.at) })
	if limit > 0 {
		found = found[:min(limit, len(found))]
	}
	s.most = max(s.most, len(found))
	rand.Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
	w.Header().Set("Content-Type", "application/stream+json")
	for _, row := range found {
		_, _ = io.WriteString(w, row.json+"\n")
	}
}

type page struct {
	Rows   []json.RawMessage
	Fields []string
	Next   *struct {
		TS     float64 `json:"ts"`
		Offset int32
	} `json:"next_page_after"`
	Cursor string
	Stats  struct{ Count int }
}

func ask(t *testing.T, s *Server, in *logsv1.SearchRequest) page {
	t.Helper()
	out := to(t)
	if err := s.Search(in, out); err != nil {
		t.Fatal(err)
	}
	var p page
	if err := json.Unmarshal(out.body.Bytes(), &p); err != nil {
		t.Fatalf("%v: %s", err, out.body.String())
	}
	if p.Stats.Count != len(p.Rows) {
		t.Errorf("count %d of %d rows", p.Stats.Count, len(p.Rows))
	}
	return p
}

// TestSearchOverHTTP pages while rows arrive, by either form of a place.
func TestSearchOverHTTP(t *testing.T) {
	for _, byCursor := range []bool{true, false} {
		store := &shelf{}
		want := map[string]int{}
		for i := range 500 {
			// Seconds, milliseconds and nanoseconds with many rows each.
			at := noon.Add(-time.Hour + time.Duration(i/100)*time.Second + time.Duration(i%3)*time.Millisecond + time.Duration(i%2))
			store.add(at, strconv.Itoa(i/7))
		}
		for _, row := range store.rows {
			want[row.json]++
		}
		s := onBackend(t, store.handler)
		got, last := map[string]int{}, "9"
		in := &logsv1.SearchRequest{Query: "*", Start: "now-2h", Limit: 37}
		for n := 0; ; n++ {
			p := ask(t, s, in)
			for _, row := range p.Rows {
				var r map[string]string
				_ = json.Unmarshal(row, &r)
				if at := sortable(r["_time"]); at > last {
					t.Fatalf("%s after %s", at, last)
				} else {
					last = at
				}
				got[fmt.Sprintf(`{"_time":%q,"_stream_id":"aa","_msg":%q}`, r["_time"], r["_msg"])]++
			}
			if p.Next == nil || n > 30 {
				break
			}
			store.add(noon.Add(-time.Duration(n)*time.Millisecond), "arrived")
			if in.Cursor = p.Cursor; !byCursor {
				in.Cursor, in.PageAfter = "", &logsv1.PageAfter{Ts: p.Next.TS, Offset: p.Next.Offset}
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("cursor %v: got %d of %d different rows", byCursor, len(got), len(want))
		}
		if store.most > 101 {
			t.Errorf("a group of %d rows was read", store.most)
		}
	}
}

func sortable(at string) string {
	t, _ := time.Parse(time.RFC3339Nano, at)
	return t.Format("2006-01-02T15:04:05.000000000")
}

func TestSearchAnswer(t *testing.T) {
	store := &shelf{}
	store.add(noon.Add(-time.Minute), "a")
	store.add(noon.Add(-time.Second), "not yet visible")
	s := onBackend(t, store.handler)
	out := to(t)
	if err := s.Search(&logsv1.SearchRequest{}, out); err != nil {
		t.Fatal(err)
	}
	want := `{"rows":[{"_msg":"a","_stream_id":"aa","_time":"2026-11-20T11:59:00Z"}],"fields":["_msg","_stream_id","_time"],` +
		`"stats":{"count":1,"streaming_stats":{"took_ms":0,"endpoint":"victorialogs"},"start":"2026-11-19T11:59:57Z","end":"2026-11-20T11:59:57Z"}}`
	if out.body.String() != want {
		t.Errorf("got %s", out.body.String())
	}
	if p := ask(t, s, &logsv1.SearchRequest{Limit: 1}); p.Next == nil || p.Next.TS != float64(noon.Add(-time.Minute).UnixMilli()) || p.Next.Offset != 1 || p.Cursor == "" {
		t.Errorf("got %+v", p)
	}
}

func TestSearchWindowIsClipped(t *testing.T) {
	s, n := book(t)
	out := to(t)
	if err := s.Search(&logsv1.SearchRequest{Start: "now-3d", End: "now"}, out); err != nil {
		t.Fatal(err)
	}
	if got := n.last().values["start"][0]; !strings.HasPrefix(got, "2026-11-19T12:00:00") || !strings.Contains(only(out.header, rpc.KeyWarning), "24 hours") {
		t.Errorf("asked from %s with warning %v", got, out.header)
	}
}

func TestSearchRefusals(t *testing.T) {
	s, _ := book(t, [2]string{"query", rows})
	cursor := ask(t, s, &logsv1.SearchRequest{Query: "a", Limit: 1}).Cursor
	for name, tt := range map[string]struct {
		in    *logsv1.SearchRequest
		code  fault.Code
		field string
	}{
		"other query":  {&logsv1.SearchRequest{Query: "b", Cursor: cursor}, fault.CodeInvalidRequest, "/cursor"},
		"no cursor":    {&logsv1.SearchRequest{Cursor: "x"}, fault.CodeInvalidRequest, "/cursor"},
		"pipe":         {&logsv1.SearchRequest{Query: "* | limit 5"}, fault.CodeQueryInvalid, "/query"},
		"unknown pipe": {&logsv1.SearchRequest{Query: "* | nosuch"}, fault.CodeQueryInvalid, "/query"},
		"time":         {&logsv1.SearchRequest{End: "x"}, fault.CodeInvalidTime, "/end"},
	} {
		f := fails(t, s.Search(tt.in, to(t)), tt.code, "invalid payload")
		if f.Fields[0].Pointer != tt.field {
			t.Errorf("%s: got %v", name, f.Fields)
		}
	}
	for name, ctx := range map[string]*bodies{"other tenant": {ctx: as(t.Context(), 8, 0, "")}, "other scope": {ctx: as(t.Context(), 7, 0, `env="p"`)}} {
		if f := fault.From(s.Search(&logsv1.SearchRequest{Query: "a", Cursor: cursor}, ctx)); f == nil || f.Fields[0].Pointer != "/cursor" {
			t.Errorf("%s: got %v", name, f)
		}
	}
}
