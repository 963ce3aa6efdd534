package metricsql

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/metricsql"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCheckRefusesSyntaxErrorsWithPosition(t *testing.T) {
	tests := []struct {
		text, message        string
		offset, line, column int
	}{
		{"sum(up", `unexpected end of query; want ",", ")"`, 6, 1, 7},
		{"up up", `unexpected text "up"`, 3, 1, 4},
		{`up{job="x"`, `unexpected end of query; want ",", "or", "}"`, 10, 1, 11},
		{"rate(up[5x])", `unexpected token "x"; want "]"`, 9, 1, 10},
		{"???", `cannot recognize "???"`, 0, 1, 1},
		{"up\x00", `cannot recognize "\x00"`, 2, 1, 3},
		{"süß{", `unexpected end of query; want "ident"`, 6, 1, 5},
		{"sum(\n  up{a=\"b\"}\n) bi (x)", `unexpected text "bi (x)"`, 19, 3, 3},
		{`{job="x}`, `cannot find closing quote " for the string "\"x}"`, 5, 1, 6},
		{"", `unexpected end of query; want "(", "{", "-", "+"`, 0, 1, 1},
		{"WITH (x=1,x=2) x", "a WITH template is defined twice", 13, 1, 14},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			_, err := Check(tt.text)
			var p *ParseError
			if !errors.As(err, &p) {
				t.Fatalf("got %v, want a parse error", err)
			}
			if p.Message != tt.message {
				t.Errorf("got message %q, want %q", p.Message, tt.message)
			}
			if want := (&Position{tt.offset, tt.line, tt.column}); !reflect.DeepEqual(p.Position, want) {
				t.Errorf("got position %+v, want %+v", p.Position, want)
			}
		})
	}
}

func TestCheckPassesOnDoubt(t *testing.T) {
	for _, text := range []string{"function_of_tomorrow(up)", `up{job=~"("}`, `{"a", "b"}`, `a{unknown_template}`} {
		t.Run(text, func(t *testing.T) {
			q, err := Check(text)
			if err != nil {
				t.Fatalf("refused: %v", err)
			}
			if q.Analysed() || !q.Names().Open || len(q.Selectors()) != 0 || q.Canonical() == "" {
				t.Errorf("an unknown query was taken for analysed")
			}
			if _, err := CheckStrict(text); err == nil {
				t.Errorf("the strict check let it pass")
			}
		})
	}
}

func TestCheckStrictPointsToAnUnknownFunction(t *testing.T) {
	_, err := CheckStrict("sum(\n rat(up[5m]))")
	var p *ParseError
	if !errors.As(err, &p) || p.Position == nil {
		t.Fatalf("got %v, want a parse error with a position", err)
	}
	if p.Position.Line != 2 || p.Position.Column != 2 || !strings.Contains(p.Message, `"rat"`) {
		t.Errorf("got %v", p)
	}
}

func TestCheckAccepts(t *testing.T) {
	for _, text := range []string{
		"1", "up", "{}", `"hello"`, "-x", "up # a comment", "(up, up)", `dotted\.name`, `{"dotted.name"}`,
		`{"dotted.name","service.name"="cart"}`, `sum({"dotted.name"}) by ("service.name")`,
		`WITH (f = {job="checkout"}) sum(memory_bytes{f})`, "rate(up[$__interval])", "up offset -1h @ end()",
		`count_values("v", up) by (job) limit 3`, "ttf(up)", "foo default 0 keep_metric_names", "1Ki + 5m",
	} {
		if _, err := CheckStrict(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestExpansionIsBounded(t *testing.T) {
	doubling, args := "WITH (a0=x", "WITH (f(x)=x+x) "
	for i := 1; i <= 30; i++ {
		doubling += fmt.Sprintf(",a%d=a%d+a%d", i, i-1, i-1)
	}
	inner := "WITH (f(x) = WITH (g(y) = y+y+x) g(g(g(g(x))))) " + strings.Repeat("f(", 8) + "up" + strings.Repeat(")", 8)
	many := "WITH ("
	for i := range 4000 {
		many += fmt.Sprintf("a%d=b,", i)
	}
	for name, text := range map[string]string{
		"chain":     doubling + ") a30",
		"arguments": args + strings.Repeat("f(", 40) + "up" + strings.Repeat(")", 40),
		"inner":     inner,
		"built in":  strings.Repeat("ttf(", 30) + "up" + strings.Repeat(")", 30),
		"labels":    strings.Replace(doubling, "a0=x", `a0={x="y"}`, 1) + ") up{a30}",
		"many":      many + "c=d) c",
		"escaped":   strings.Repeat(`tt\f(`, 30) + "up" + strings.Repeat(")", 30),
		"hex":       strings.Repeat(`\x74t\u0066(`, 30) + "up" + strings.Repeat(")", 30),
		"odd names": strings.ReplaceAll(doubling, "a", `\(_`) + `) \(_30`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Check(text); !errors.Is(err, ErrExpansion) {
				t.Errorf("got %v, want ErrExpansion", err)
			}
		})
	}
}

func TestEstimateIsNotTooLow(t *testing.T) {
	for _, text := range []string{
		`ru(ru(a,b),ru(c,d))`, `ttf(ttf(up))`, `WITH (f(x) = x+x) f(f(f(up)))`, `WITH (f(x,y) = x*y+x) f(f(a,b),f(c,d))`,
		`WITH (a = b+b, c = a+a) c+c`, `WITH (f(x) = WITH (g(y) = y+x) g(g(x))) f(f(up))`, `WITH (\f(x) = x/x) f(f(f(up)))`,
	} {
		expr, err := parse(text)
		if err != nil {
			t.Fatal(err)
		}
		terms := 0
		metricsql.VisitAll(expr, func(e metricsql.Expr) {
			if _, ok := e.(*metricsql.MetricExpr); ok {
				terms++
			}
		})
		list, _ := tokens(text)
		named(list)
		if size := (&measure{list: list}).expr(builtins())[""]; size < float64(terms) {
			t.Errorf("%s: estimated %v, has %d", text, size, terms)
		}
	}
}

func TestExpansionLeavesUsualQueriesAlone(t *testing.T) {
	long := "up" + strings.Repeat(" + up", 3000)
	for _, text := range []string{
		long, "ttf(ttf(up))", "ru(a,b) + ru(c,d)",
		"WITH (f(q) = sum(rate(q[5m])) by (job), x = f(up), y = x/x) f(x) + y",
	} {
		if _, err := Check(text); err != nil {
			t.Errorf("%.40s: %v", text, err)
		}
	}
}

func TestCacheKey(t *testing.T) {
	tests := []struct{ in, want string }{
		{"  sum( up )\n by  (job) # why", "sum( up ) by (job)"},
		{`up{a="x  # y"}`, `up{a="x  # y"}`},
		{`up{a='x\'  y'}`, `up{a='x\'  y'}`},
		{"1h 5m", "1h 5m"}, {"1h5m", "1h5m"},
		{"a # b\n+ c", "a + c"},
		{`a\ b`, `a\ b`}, {`a\#b`, `a\#b`},
		{`broken " string  `, `broken " string  `},
	}
	for _, tt := range tests {
		if got := CacheKey(tt.in); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestSelectorsAndFunctions(t *testing.T) {
	q, err := Check(`sum(rate(http_requests_total{job="a",code=~"5.."}[5m] offset 1h)) by (job) / SUM(up) + up`)
	if err != nil {
		t.Fatal(err)
	}
	want := []Selector{
		{Text: `http_requests_total{job="a",code=~"5.."}`, Metric: "http_requests_total",
			Labels: []string{"code", "job"}, Window: "5m", Offset: "1h"},
		{Text: "up", Metric: "up"},
	}
	if got := q.Selectors(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := q.Functions(); !reflect.DeepEqual(got, []string{"rate", "sum"}) {
		t.Errorf("got functions %v", got)
	}
}

func TestNames(t *testing.T) {
	tests := []struct {
		text    string
		metrics string
		shared  string
		open    bool
	}{
		{"up", "up", "", false},
		{`sum(rate(a{x="1"}[5m])) by (y) / on (z) group_left (w) b`, "a[x] b", "w y z", false},
		{`{__name__=~"a|b",x="1"}`, "a[x] b[x]", "", false},
		{`{__name__=~"req_(count|sum)"}`, "req_count req_sum", "", false},
		{`{__name__=~"a.*",x="1"}`, "", "x", true},
		{`{__name__="a",x="1" or __name__="b",y="2"}`, "a[x] b[y]", "", false},
		{`{x="1"} + up`, "up", "x", true},
		{`{}`, "", "", true},
		{"1 + 2", "", "", false},
		{`{__name__!="a"}`, "", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			q, err := Check(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			n := q.Names()
			var metrics []string
			for _, m := range n.Metrics {
				if l := n.Labels[m]; len(l) > 0 {
					m += fmt.Sprint(l)
				}
				metrics = append(metrics, m)
			}
			if got := strings.Join(metrics, " "); got != tt.metrics {
				t.Errorf("got metrics %q, want %q", got, tt.metrics)
			}
			if got := strings.Join(n.Shared, " "); got != tt.shared || n.Open != tt.open {
				t.Errorf("got shared %q, open %v", got, n.Open)
			}
		})
	}
}

func TestFormatKeepsTheMeaning(t *testing.T) {
	tests := []struct{ in, want string }{
		{"sum(rate(x[5m]))by(a)", "sum(rate(x[5m])) by(a)"},
		{"nosuchfunc( up )", "nosuchfunc(up)"},
		// The parser's printer would make a{b="c"} of it.
		{`{__name__="a"  or __name__="a",b="c"}`, `{__name__="a" or __name__="a",b="c"}`},
	}
	for _, tt := range tests {
		if got, err := Format(tt.in); err != nil || got != tt.want {
			t.Errorf("%q: got %q, %v, want %q", tt.in, got, err, tt.want)
		}
	}
	if _, err := Format("sum("); err == nil {
		t.Error("a broken query was formatted")
	}
}

func TestMoving(t *testing.T) {
	for text, want := range map[string]bool{
		"up": false, "rate(up[5m] offset 1h)": false, "time()": false, "up offset -1h": true, "up offset 1h-2h": true,
		"up @ end()": true, "up > now()": true, "RAND()": true, "rand_normal(1)": true, "random": false, "nosuch(up)": true,
	} {
		q, err := Check(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := q.Moving(); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}
