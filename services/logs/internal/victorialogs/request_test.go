package victorialogs

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/upstream"
)

func bounded(most int64) upstream.Options {
	o := upstream.DefaultOptions()
	o.MaxAnswerBytes, o.Compression = most, true
	return o
}

// bomb serves packed rows.
func bomb(t *testing.T, packed []byte) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/stream+json")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// note keeps the last request.
type note struct {
	method, path, body string
	query, form        url.Values
	header             http.Header
}

func (n *note) handler(answer string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*n = note{r.Method, r.URL.Path, string(body), r.URL.Query(), nil, r.Header}
		n.form, _ = url.ParseQuery(n.body)
		w.Header().Set("Content-Type", "application/stream+json")
		_, _ = io.WriteString(w, answer)
	}
}

func TestTenantAndScope(t *testing.T) {
	var n note
	client := serve(t, n.handler(""))
	for _, tt := range []struct {
		account, project uint32
		scope, filter    string
	}{
		{0, 0, "", ""},
		{7, 9, "", ""},
		{4294967295, 1, `env="prod"`, `{env="prod"}`},
		{1, 0, `env="prod",team=~"a|b", x != "y"`, `{env="prod",team=~"a|b",x!="y"}`},
		{1, 0, `env="prod" or service.name='a'`, ""},
		{1, 0, "env=`a\"b`or team!~\"c\"", `{env="a\"b" or team!~"c"}`},
	} {
		_, _, err := read(as(t.Context(), tt.account, tt.project, tt.scope), client)
		if strings.Contains(tt.scope, "'") {
			if f := fault.From(err); f == nil || f.Code != fault.CodeAccessDenied {
				t.Errorf("%s: got %v", tt.scope, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		want := [2]string{strconv.Itoa(int(tt.account)), strconv.Itoa(int(tt.project))}
		if got := [2]string{n.header.Get("AccountID"), n.header.Get("ProjectID")}; got != want {
			t.Errorf("got tenant %v, want %v", got, want)
		}
		if got := n.query["extra_stream_filters"]; tt.filter == "" && got != nil || tt.filter != "" && (len(got) != 1 || got[0] != tt.filter) {
			t.Errorf("%s: got %q", tt.scope, got)
		}
	}
}

func TestScopesThatCannotBeEnforced(t *testing.T) {
	for _, scope := range []string{"env", `env=`, `env="a`, `env="a"} or {b="c"`, `{env="a"}`, `env="a" and b="c"`, `env="a",`, `"env"="a"`, `env="a" or`, `,`} {
		if f, err := scopeFilter(scope); !errors.Is(err, errScope) {
			t.Errorf("%s: became %s", scope, f)
		}
	}
}

// FuzzScope: whatever the scope, one pair of braces holds it.
func FuzzScope(f *testing.F) {
	for _, s := range []string{`env="a"`, `a="b",c!="d"`, `a="}"`, "a=`b` or c=~\"d\"", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, scope string) {
		filter, err := scopeFilter(scope)
		if err != nil || filter == "" {
			return
		}
		again, err := scopeFilter(filter[1 : len(filter)-1])
		if err != nil && !strings.Contains(filter, `."`) && !strings.HasPrefix(filter, `{"`) && !strings.Contains(filter, `,"`) && !strings.Contains(filter, ` or "`) {
			t.Fatalf("%q became %q: %v", scope, filter, err)
		}
		if err == nil && again != filter {
			t.Fatalf("%q became %q", filter, again)
		}
	})
}

// TestNoValueAddsAParameter: text of a query stays in the query.
func TestNoValueAddsAParameter(t *testing.T) {
	var n note
	client := serve(t, n.handler(""))
	for _, text := range []string{"*&extra_filters=x", "*&AccountID=2", "a\r\nAccountID: 2", "*#&limit=1", "*%26start=1"} {
		for _, long := range []string{"", strings.Repeat(" x", longForm)} {
			rows, err := client.Query(as(t.Context(), 3, 4, `env="p"`), Query{Text: text + long})
			if err != nil {
				t.Fatal(err)
			}
			rows.Close()
			got := n.query
			if long != "" {
				if got = n.form; n.method != http.MethodPost || len(n.query) > 0 {
					t.Errorf("a long query came by %s with %v", n.method, n.query)
				}
			}
			if len(got) != 2 || got.Get("query") != text+long || got.Get("extra_stream_filters") != `{env="p"}` || n.header.Get("AccountID") != "3" {
				t.Errorf("%q became %v", text, got)
			}
		}
	}
}

func TestNobodyAsksWithoutIdentity(t *testing.T) {
	client := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("asked") })
	_, err := client.Query(t.Context(), Query{Text: "*"})
	if f := fault.From(err); f == nil || f.Code != fault.CodeTenantRequired {
		t.Errorf("got %v", err)
	}
	if client.Insert(t.Context(), InsertRequest{}) == nil {
		t.Error("inserted without identity")
	}
}

func TestExactEnds(t *testing.T) {
	whole := time.Date(2026, 11, 20, 10, 1, 20, 0, time.UTC)
	for _, tt := range []struct {
		q    Query
		want string
	}{
		{Query{Text: "a", Start: whole, End: whole}, "a"},
		{Query{Text: "a", Start: whole, End: whole.Add(5), Exact: true}, "a"},
		{Query{Text: "a | limit 1", Start: whole, End: whole, Exact: true}, "(a ) AND (_time:[2026-11-20T10:01:20Z, 2026-11-20T10:01:20.000000001Z)) | limit 1"},
	} {
		if got := tt.q.values().Get("query"); got != tt.want {
			t.Errorf("got %s", got)
		}
	}
}

func TestInsert(t *testing.T) {
	var n note
	client := serve(t, n.handler(""))
	body := `{"_time":"2026-11-20T10:00:00Z","_msg":"a"}` + "\n"
	if err := client.Insert(as(t.Context(), 2, 3, ""), InsertRequest{Body: []byte(body), StreamFields: []string{"service", "type"}}); err != nil {
		t.Fatal(err)
	}
	want := "_msg_field=_msg&_stream_fields=service%2Ctype&_time_field=_time"
	if n.method != http.MethodPost || n.path != "/insert/jsonline" || n.query.Encode() != want || n.body != body ||
		n.header.Get("Content-Type") != "application/stream+json" || n.header.Get("AccountID") != "2" || n.header.Get("ProjectID") != "3" {
		t.Errorf("got %+v", n)
	}
}

// TestInsertIsTriedOnce: a second try could store rows twice.
func TestInsertIsTriedOnce(t *testing.T) {
	calls := 0
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		calls++
		w.WriteHeader(http.StatusInternalServerError)
	})
	if err := client.Insert(as(t.Context(), 1, 0, ""), InsertRequest{Body: []byte("{}\n")}); err == nil || calls != 1 {
		t.Errorf("got %v after %d calls", err, calls)
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{time.Second: "1s", 15 * time.Minute: "15m", time.Hour: "1h", 90 * time.Minute: "1h30m",
		24 * time.Hour: "24h", 1500 * time.Millisecond: "1.5s", time.Minute + time.Second: "1m1s", 250 * time.Millisecond: "250ms"} {
		if got := Duration(d); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for text, want := range map[string]bool{"1": true, "0.5": true, "": false, "NaN": false, "+Inf": true} {
		if _, ok := (Point{Text: text}).Float(); ok != want {
			t.Errorf("%q: got %v", text, ok)
		}
	}
}
