package metricsql

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/metricsql"
	"pgregory.net/rapid"
)

func TestFilter(t *testing.T) {
	tests := []struct{ name, scope, shared, path string }{
		{"whole tenant", "", `{vm_account_id="7",vm_project_id="9"}`, ""},
		{"one label", `env="prod"`, `{vm_account_id="7",vm_project_id="9",env="prod"}`, `{env="prod"}`},
		{"regexp", `env!~"d.v", team=~"a|b"`, `{vm_account_id="7",vm_project_id="9",env!~"d.v",team=~"a|b"}`,
			`{env!~"d.v",team=~"a|b"}`},
		{"alternatives", `env="a" or env="b"`,
			`{vm_account_id="7",vm_project_id="9",env="a" or vm_account_id="7",vm_project_id="9",env="b"}`,
			`{env="a" or env="b"}`},
		{"quotes", `env="a\"} or {x=\"y"`, `{vm_account_id="7",vm_project_id="9",env="a\"} or {x=\"y"}`,
			`{env="a\"} or {x=\"y"}`},
		{"odd label", `"service.name"="x"`, `{vm_account_id="7",vm_project_id="9",service\.name="x"}`,
			`{service\.name="x"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := Filter(&Tenant{7, 9}, tt.scope); err != nil || got != tt.shared {
				t.Errorf("got %s, %v, want %s", got, err, tt.shared)
			}
			if got, err := Filter(nil, tt.scope); err != nil || got != tt.path {
				t.Errorf("got %s, %v, want %s", got, err, tt.path)
			}
		})
	}
}

func TestFilterRefusesAnythingButASelector(t *testing.T) {
	for _, scope := range []string{
		`env="prod"} or {x="y"`, `env="prod"}`, `env="prod"} + up{a="b"`, `} or {`, ` `, `#`, `or`, `env`, `env="prod" or `,
		`env="prod"}[5m`, `env=~"("`, `env="a" # }`, "env=\"a\"\n}or{b=\"c\"", `env="a",` + "\x00", `env="a" or {}`,
	} {
		t.Run(scope, func(t *testing.T) {
			got, err := Filter(&Tenant{1, 0}, scope)
			if err == nil {
				t.Fatalf("got %s", got)
			}
			if !errors.Is(err, ErrScope) {
				t.Errorf("got %v, want ErrScope", err)
			}
		})
	}
}

// checkHeld proves that no group of the selector escapes the tenant.
func checkHeld(t interface{ Fatalf(string, ...any) }, text string, tenant Tenant) {
	expr, err := metricsql.Parse(text)
	if err != nil {
		t.Fatalf("%s does not parse: %v", text, err)
	}
	selector, ok := expr.(*metricsql.MetricExpr)
	if !ok || len(selector.LabelFilterss) == 0 {
		t.Fatalf("%s is no selector", text)
	}
	for _, group := range selector.LabelFilterss {
		for label, id := range map[string]uint32{accountLabel: tenant.Account, projectLabel: tenant.Project} {
			want := metricsql.LabelFilter{Label: label, Value: strconv.FormatUint(uint64(id), 10)}
			if !slices.Contains(group, want) {
				t.Fatalf("%s: a group lacks %s", text, label)
			}
		}
	}
}

func TestFilterHoldsEveryGroup(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tenant := Tenant{rapid.Uint32().Draw(t, "account"), rapid.Uint32().Draw(t, "project")}
		label := rapid.StringMatching(`[a-zA-Z_.\-:" ]{1,8}`)
		var parts []string
		for range rapid.IntRange(1, 4).Draw(t, "parts") {
			op := rapid.SampledFrom([]string{"=", "!=", "=~", "!~"}).Draw(t, "op")
			parts = append(parts, strconv.Quote(label.Draw(t, "label"))+op+strconv.Quote(rapid.String().Draw(t, "value")))
		}
		scope := strings.Join(parts, rapid.SampledFrom([]string{",", " or ", " OR "}).Draw(t, "join"))
		text, err := Filter(&tenant, scope)
		if err == nil {
			checkHeld(t, text, tenant)
		}
	})
}

func FuzzFilter(f *testing.F) {
	for _, seed := range []string{`env="prod"`, `env="a" or b="c"`, `a="b"} or {c="d"`, `"x.y"=~"z"`, `a="\"}"`, "{}", `vm_account_id="2"`} {
		f.Add(uint32(1), uint32(0), seed)
	}
	f.Fuzz(func(t *testing.T, account, project uint32, scope string) {
		tenant := Tenant{account, project}
		if text, err := Filter(&tenant, scope); err == nil {
			checkHeld(t, text, tenant)
		}
	})
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{
		"sum(rate(up[5m])) by (job)", `WITH (f(x)=x+x) f(f(up))`, `{"a.b",c=~"d" or e!="f"}`, "a offset 5m @ end()",
		`up # c`, "ttf(ttf(x))", "sum(", `"`, "{", "a\\", "1h5m", "with(a={b=\"c\"})d{a}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2048 {
			return
		}
		q, err := Check(text)
		if err != nil {
			return
		}
		if q.Names(); q.Canonical() == "" && text != "" && q.Analysed() {
			t.Errorf("%q has no canonical form", text)
		}
		again, err := Check(CacheKey(text))
		if err != nil || again.Analysed() != q.Analysed() || again.Canonical() != q.Canonical() {
			t.Errorf("%q and its cache key %q differ: %v", text, CacheKey(text), err)
		}
	})
}

func TestNameSelector(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringN(1, 20, -1).Draw(t, "name")
		expr, err := metricsql.Parse(NameSelector(name))
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		selector, ok := expr.(*metricsql.MetricExpr)
		want := [][]metricsql.LabelFilter{{{Label: nameLabel, Value: name}}}
		if !ok || !slices.EqualFunc(selector.LabelFilterss, want, slices.Equal) {
			t.Fatalf("%q became %s", name, NameSelector(name))
		}
	})
}

func FuzzExpansion(f *testing.F) {
	for _, seed := range []string{
		"ttf(ttf(ttf(ttf(up))))", "WITH (f(x)=x+x) f(f(f(f(f(up)))))", `WITH (a=b+b,c=a+a,d=c+c) {x="y"} + d`,
		`with(\a=b{c},d={a}) e{d or \a}`, "WITH (f(x)=WITH (g(y)=y+x) g(g(x))) f(f(up))", "ru(ru(a,b),ru(a,b))",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1024 || expands(text) {
			return
		}
		expr, err := parse(text)
		if err != nil {
			return
		}
		terms := 0
		metricsql.VisitAll(expr, func(metricsql.Expr) { terms++ })
		if terms > 20*maxTerms {
			t.Errorf("%q has %d terms", text, terms)
		}
	})
}
