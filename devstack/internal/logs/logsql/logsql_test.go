package logsql

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// shelf holds forty rows of four streams, one every second up to noon.
func shelf(tb testing.TB) Source {
	tb.Helper()
	s := store.New(store.Options{Now: func() time.Time { return noon }})
	var rows []store.Row
	for i := range 40 {
		service := []string{"cart", "checkout", "payment", "edge"}[i%4]
		fields := []store.Field{
			{Name: "_msg", Value: fmt.Sprintf("call %d of %s took=%dms", i, service, i*7)}, {Name: "service", Value: service},
			{Name: "level", Value: []string{"info", "warn", "error"}[i%3]}, {Name: "n", Value: fmt.Sprint(i)}, {Name: "took", Value: fmt.Sprintf("%dms", i*7)},
		}
		if i%5 == 0 {
			fields = append(fields, store.Field{Name: "user.id", Value: fmt.Sprint("u", i%2)}, store.Field{Name: "tags", Value: `["a","b"]`})
		}
		rows = append(rows, store.Row{Time: noon.Add(time.Duration(i-40) * time.Second).UnixNano(), Fields: fields,
			Stream: store.NewStream([]store.Field{{Name: "service", Value: service}})})
	}
	s.Add(store.Tenant{}, rows)
	return Source{Store: s}
}

func ask(tb testing.TB, from Source, query string) (lines []string) {
	tb.Helper()
	q, err := Parse(query, noon.UnixNano())
	if err != nil {
		tb.Fatal(err)
	}
	err = q.Run(tb.Context(), from, func(r *Record) bool {
		lines = append(lines, string(AppendJSON(nil, r)))
		return true
	})
	if err != nil {
		tb.Fatal(err)
	}
	return lines
}

func TestFilters(t *testing.T) {
	from := shelf(t)
	for query, want := range map[string]int{
		`*`: 40, `call`: 40, `cal`: 0, `cal*`: 40, `"call 1"`: 1, `"call 1"*`: 11, `CALL`: 0, `i(CALL)`: 40, `i(CA*)`: 40,
		`service:cart`: 10, `service:=cart`: 10, `service:=c*`: 20, `service:car*`: 10, `service:~"c.r"`: 10, `service:!~"c.r"`: 30, `service:!=cart`: 30,
		`level:in(info,warn)`: 27, `level:in()`: 0, `level:contains_any(info, error)`: 27, `contains_all(call, cart)`: 10,
		`n:>30`: 9, `n:>=30`: 10, `n:<3`: 3, `n:range[3,5]`: 3, `n:range(3,5)`: 1, `took:>200ms`: 11, `took:<=0.007s`: 2,
		`service:>d`: 20, `service:string_range(c, d)`: 20, `service:len_range(4,4)`: 20, `n:len_range(2,inf)`: 30,
		`level:error OR level:warn`: 26, `level:error level:warn`: 0, `level:(error OR warn)`: 26, `!level:error`: 27, `-level:error`: 27, `NOT (level:error or level:warn)`: 14,
		`level:error or level:warn service:=cart`: 16, `level:(=error or =warn) n:<6`: 4,
		`user.id:*`: 8, `user.id:""`: 32, `nothing:""`: 40, `nothing:*`: 0, `"user.id":=u1`: 4,
		`{service="cart"}`: 10, `{service=~"c.*"}`: 20, `{service!="cart"}`: 30, `{service in ("cart","edge")}`: 20, `{service="cart" or service="edge"}`: 20, `{service="c"}`: 0, `{}`: 40,
		`_stream:{service="cart"}`: 10, `!{service="cart"}`: 30, `_stream_id:*`: 40,
		`_time:10s`: 10, `_time:10s offset 10s`: 11, `_time:2026-11-20`: 40, `_time:2026-11-20T11:59:30Z`: 1, `_time:>=2026-11-20T11:59:30Z`: 30, `_time:>2026-11-20T11:59:30Z`: 29,
		`_time:<2026-11-20T11:59:30Z`: 10, `_time:[2026-11-20T11:59:30Z, 2026-11-20T11:59:35Z]`: 6, `_time:[2026-11-20T11:59:30Z, 2026-11-20T11:59:35Z)`: 5, `_time:(2026-11-20T11:59:30Z, 2026-11-20T11:59:35Z]`: 5,
		`_time:2026-11-20T11:59`: 40, `_time:2026-11-20T12:59:30+01:00`: 1, `_time:day_range[11:00, 12:00)`: 40, `_time:day_range[10:00, 11:00]`: 0, `_time:week_range[Fri, Sat]`: 40, `_time:week_range[Mon, Thu]`: 0,
		`seq("call", "took")`: 40, `seq("took", "call")`: 0, `service:eq_field(service)`: 40, `n:eq_field(took)`: 0, `n:lt_field(took)`: 39,
		`service:in(n:=1 | fields service)`: 10, `service:in(n:<2 | uniq by (service))`: 20, `level:in(*)`: 40,
		"call # all of them": 40, `_msg:ipv4_range("10.0.0.0/8")`: 0, `* | filter n:>30 | filter level:error`: 3,
	} {
		if got := len(ask(t, from, query)); got != want {
			t.Errorf("%s: %d rows, want %d", query, got, want)
		}
	}
}

func TestPipes(t *testing.T) {
	from := shelf(t)
	for query, want := range map[string]string{
		`n:=5 | fields n, user*`:                                      `{"n":"5","user.id":"u1"}`,
		`n:=5 | fields n | copy n as m, m as k`:                       `{"n":"5","m":"5","k":"5"}`,
		`n:=5 | fields n, level | rename n level`:                     `{"level":"5"}`,
		`n:=5 | fields n, user.id | rename user* as who*`:             `{"n":"5","who.id":"u1"}`,
		`n:=5 | rm _*, took, tags, user*`:                             `{"service":"checkout","level":"error","n":"5"}`,
		`* | sort by (n desc) limit 2 | fields n`:                     `{"n":"39"} {"n":"38"}`,
		`* | sort by (n) offset 2 limit 1 rank as r | fields n, r`:    `{"r":"3","n":"2"}`,
		`* | sort by (_time desc) | offset 1 | limit 2 | fields n`:    `{"n":"38"} {"n":"37"}`,
		`* | sort by (_time) desc | limit 1 | fields n`:               `{"n":"39"}`,
		`* | last 1 by (took) | fields n`:                             `{"n":"39"}`,
		`* | first 1 by (took) partition by (level) | fields level,n`: `{"level":"info","n":"0"} {"level":"warn","n":"1"} {"level":"error","n":"2"}`,
		`* | stats by (level) count() c | sort by (c desc, level)`:    `{"level":"info","c":"14"} {"level":"error","c":"13"} {"level":"warn","c":"13"}`,
		`* | stats sum(n) s, avg(n) a, min(n) lo, max(n) hi, median(n) m, quantile(0.9, n) q, count_uniq(level) u, sum_len(level) l`: `{"s":"780","a":"19.5","lo":"0","hi":"39","m":"20","q":"36","u":"3","l":"173"}`,
		`* | stats count() if (level:error) e, count(user.id) u, count_empty(user.id) o`:                                             `{"e":"13","u":"8","o":"32"}`,
		`* | stats by (n:10) count() c | sort by (n)`:                                                                                `{"n":"0","c":"10"} {"n":"10","c":"10"} {"n":"20","c":"10"} {"n":"30","c":"10"}`,
		`* | stats by (_time:20s) count() c`:                                                                                         `{"_time":"2026-11-20T11:59:20Z","c":"20"} {"_time":"2026-11-20T11:59:40Z","c":"20"}`,
		`* | stats by (_time:month) count() c`:                                                                                       `{"_time":"2026-11-01T00:00:00Z","c":"40"}`,
		`n:<3 | stats values(n) v, uniq_values(service) s, row_max(n, service) r`:                                                    `{"v":"[\"0\",\"1\",\"2\"]","s":"[\"cart\",\"checkout\",\"payment\"]","r":"{\"service\":\"payment\"}"}`,
		`* | uniq by (level) with hits | sort by (level)`:                                                                            `{"level":"error","hits":"13"} {"level":"info","hits":"14"} {"level":"warn","hits":"13"}`,
		`* | top 1 by (level)`:                                  `{"level":"info","hits":"14"}`,
		`* | field_values level limit 1`:                        `{"level":"info","hits":"14"}`,
		`n:=5 | unroll by (tags) | fields tags`:                 `{"tags":"a"} {"tags":"b"}`,
		`n:=5 | extract "took=<ms>ms" | fields ms`:              `{"ms":"35"}`,
		`n:=5 | extract_regexp "of (?P<who>\\w+)" | fields who`: `{"who":"checkout"}`,
		`n:=5 | math n * 2 + 1 as x, -n as y, (n + 1) / 4 as z, max(n, 9) as m | fields x, y, z, m`:    `{"x":"11","y":"-5","z":"1.5","m":"9"}`,
		`n:=5 | format "<uc:service>-<n>" as f | fields f`:                                             `{"f":"CHECKOUT-5"}`,
		`n:=5 | replace ("c", "k") at service limit 1 | fields service`:                                `{"service":"kheckout"}`,
		`n:=5 | unpack_logfmt fields (took) result_prefix "x_" | fields x_took`:                        `{"x_took":"35ms"}`,
		`n:=5 | pack_json fields (n, level) as p | unpack_json from p result_prefix "u." | fields u.*`: `{"u.level":"error","u.n":"5"}`,
		`n:=5 | collapse_nums | fields _msg`:                                                           `{"_msg":"call <N> of checkout took=<N>ms"}`,
		`n:=5 | len(_msg) as l | fields l`:                                                             `{"l":"28"}`,
		`n:=1 | join by (service) (* | stats by (service) count() c) | fields n, c`:                    `{"n":"1","c":"10"}`,
		`n:=1 | union (n:=2) | fields n`:                                                               `{"n":"1"} {"n":"2"}`,
		`n:=8 | stream_context before 1 after 1 | fields n`:                                            `{"n":"4"} {"n":"8"} {"n":"12"}`,
		`* | count()`: `{"count(*)":"40"}`,
		`nothing_of_it | stats count() n, max(n) m`:  `{"n":"0"}`,
		`nothing_of_it | stats by (level) count() n`: ``,
		`* | nosuchword`:                       ``,
		`* | limit 0`:                          ``,
		`n:in(3,4) | fields n | limit 1`:       `{"n":"3"}`,
		`n:<2 | stats rate() r`:                `{"r":"2"}`,
		`_time:10s | stats rate_sum(n) r`:      `{"r":"34.49999999655"}`,
		`{service="cart"} n:<9 | blocks_count`: `{"blocks_count":"1"}`,
		`n:=5 | fields nothing`:                `{}`,
	} {
		if got := strings.Join(ask(t, from, query), " "); got != want {
			t.Errorf("%s:\n got %s\nwant %s", query, got, want)
		}
	}
}

func TestErrorsSayWhatIsUnknown(t *testing.T) {
	for query, want := range map[string]string{
		`* | block_stats`:                             "does not know the pipe block_stats",
		`* | unpack_syslog`:                           "does not know the pipe unpack_syslog",
		`n:value_type(uint8)`:                         "does not know the filter value_type",
		`* | stats json_values(a)`:                    "does not know the stats function json_values",
		`* | format "<time:n>"`:                       "does not know the format option time",
		`* | stats by (took:5ms) count()`:             "does not know the bucket 5ms of took",
		`a:in(x`:                                      "missing ')'",
		`a:in(b | limit 3)`:                           "", // found when it is run
		`* | sort by (a`:                              `unexpected token ""`,
		`{a=~"("}`:                                    "invalid regexp",
		`_time:[2026, x]`:                             "cannot parse duration",
		`* | stats count(`:                            "unexpected token",
		`* | extract "a<b"`:                           "missing '>'",
		`options(x=1) *`:                              "unexpected option",
		strings.Repeat("(", 5000):                     "deeper",
		strings.Repeat("!", 5000) + "a":               "deeper",
		"* | math " + strings.Repeat("-", 5000) + "a": "deeper",
	} {
		_, err := Parse(query, 0)
		if want == "" && err == nil {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: error %.200v, want %q", query, err, want)
		}
	}
}

func TestMoments(t *testing.T) {
	now := noon.UnixNano()
	for text, want := range map[string]int64{
		"1795168800": 1795168800e9, "1795168800000": 1795168800e9, "1795168800000000": 1795168800e9, "1795168800000000001": 1795168800e9 + 1, "1795168800.5": 1795168800e9 + 5e8,
		"2026-11-20T12:00:00Z": now, "2026-11-20T13:00:00+01:00": now, "2026-11-20T12:00": now, "2026-11-20": now - 12*3600e9, "2026-11-20T12:00:00.5Z": now + 5e8,
		"now": now, "5m": now - 300e9, "-5m": now - 300e9, "now-5m": now - 300e9, "1d": now - 86400e9,
	} {
		if got, ok := Moment(text, now); !ok || got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
	for _, text := range []string{"yesterday", "", "5x", "2026-13-01", "nan", "inf", "--5m"} {
		if got, ok := Moment(text, now); ok {
			t.Errorf("%s: %d", text, got)
		}
	}
}

func TestOrder(t *testing.T) {
	for _, sorted := range [][]string{{"-5", "0", "1.5", "2", "10", "1e3"}, {"a", "b"}, {"a2", "a10", "b1"}, {"1ms", "1.5s", "2m", "1h"}, {"300B", "1KB", "1.5KiB", "1MB"}, {"", "a"}, {"v1.9.0", "v1.10.2"}} {
		got := slices.Clone(sorted)
		slices.Reverse(got)
		slices.SortFunc(got, func(a, b string) int {
			if less(a, b) {
				return -1
			}
			return 1
		})
		if !slices.Equal(got, sorted) {
			t.Errorf("got %q, want %q", got, sorted)
		}
	}
}

func TestNewestOfMany(t *testing.T) {
	s := store.New(store.Options{Now: func() time.Time { return noon }})
	var rows []store.Row
	for i := range 3 * mostKept {
		rows = append(rows, store.Row{Time: noon.UnixNano() - int64(3*mostKept-i)/3, Fields: []store.Field{{Name: "n", Value: fmt.Sprint(i)}}})
	}
	s.Add(store.Tenant{}, rows)
	for _, n := range []int{5, mostKept, mostKept + 1, mostKept + 2, 3 * mostKept, 4 * mostKept} {
		q, err := Parse("*", noon.UnixNano())
		if err != nil {
			t.Fatal(err)
		}
		next := max(0, 3*mostKept-n)
		if _, err := q.Newest(t.Context(), Source{Store: s}, n, func(r *Record) bool {
			if got := r.Get("n"); got != fmt.Sprint(next) {
				t.Fatalf("limit %d: row %s, want %d", n, got, next)
			}
			next++
			return true
		}); err != nil || next != 3*mostKept {
			t.Errorf("limit %d: ends at %d, %v", n, next, err)
		}
	}
}

// TestQuotedNames are read back as they were.
func TestQuotedNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		l := newLexer(quoteIfNeeded(name), 0)
		if got, err := l.name(true); err != nil || got != strings.ToValidUTF8(name, "\ufffd") || !l.isEnd() {
			t.Errorf("%q is read as %q, %v", name, got, err)
		}
	})
}
