package trace

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorded gives the body of a recorded answer.
func recorded(t testing.TB, file, name string) string {
	t.Helper()
	raw, err := os.ReadFile("../../../../devstack/testdata/golden/victoriatraces/" + file + ".jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		var e struct {
			Name     string
			Response struct{ Body string }
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.Name == name {
			return e.Response.Body
		}
	}
	t.Fatalf("%s is not recorded", name)
	return ""
}

func readAll(t testing.TB, answer string, limits Limits) []Trace {
	t.Helper()
	var list []Trace
	err := Read(iotest.HalfReader(strings.NewReader(answer)), limits, func(tr *Trace) error {
		list = append(list, *tr)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestReadOfARecordedTrace(t *testing.T) {
	list := readAll(t, recorded(t, "04-trace-by-id", "found_with_error"), Limits{})
	if len(list) != 1 || list[0].ID != "00000000000000000000000000abc003" || len(list[0].Spans) != 5 {
		t.Fatalf("got %+v", list)
	}
	want := []Span{
		{ID: "0000000000000033", Parent: "0000000000000032", Service: "checkout", Operation: "charge", Start: 1795169700020000, Duration: 60_000, Kind: KindClient, Peer: "payment"},
		{ID: "0000000000000034", Parent: "0000000000000033", Service: "payment", Operation: "Charge", Start: 1795169700025000, Duration: 50_000, Kind: KindServer, Error: true,
			Links: []Link{{"00000000000000000000000000abc000", "0000000000000002"}}},
		{ID: "0000000000000035", Parent: "0000000000000032", Service: "checkout", Operation: "SELECT orders", Start: 1795169700090000, Duration: 5000, Kind: KindClient, Peer: "postgresql"},
	}
	got := []Span{list[0].Spans[0], list[0].Spans[2], list[0].Spans[4]}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestReadOfOddTypes(t *testing.T) {
	spans := readAll(t, recorded(t, "04-trace-by-id", "found_odd_types"), Limits{})[0].Spans
	if spans[0].Parent != "0000000000000eee" || spans[0].Kind != KindConsumer || spans[1].Duration != 0 || spans[2].Kind != KindUnset || spans[2].Duration != 1 {
		t.Errorf("got %+v", spans)
	}
}

// TestReadOfJaeger: Jaeger's tags have types, its processes may stand behind,
// and its answers may be bare.
func TestReadOfJaeger(t *testing.T) {
	const one = `{"traceID":"abc","spans":[
		{"traceID":"abc","spanID":"1","operationName":"a","references":[{"refType":"FOLLOWS_FROM","traceID":"x","spanID":"y"},{"refType":"CHILD_OF","traceID":"abc","spanID":"0"}],
		 "startTime":1.5e15,"duration":7,"tags":[{"key":"error","type":"bool","value":true},{"key":"http.status_code","type":"int64","value":500},{"key":"span.kind","value":"client"},{"key":"messaging.system","value":"kafka"}],"processID":"p1"},
		{"spanID":"2","parentSpanID":"1","operationName":"b","startTime":"5","duration":-4,"tags":null,"process":{"serviceName":"own"}},
		{"spanID":"3"}],
		"processes":{"p1":{"serviceName":"shop"}},"warnings":null}`
	for _, answer := range []string{`{"data":[` + one + `],"total":0}`, `[` + one + `]`, `{"x":{"data":[1]},"data":[` + one + `]}`} {
		spans := readAll(t, answer, Limits{})[0].Spans
		want := []Span{
			{ID: "1", Parent: "0", Service: "shop", Operation: "a", Start: 1.5e15, Duration: 7, Kind: KindClient, Error: true, Peer: "kafka", PeerAsync: true, Links: []Link{{"x", "y"}}},
			{ID: "2", Parent: "1", Service: "own", Operation: "b", Start: 5},
			{ID: "3"},
		}
		if !reflect.DeepEqual(spans, want) {
			t.Errorf("got %+v", spans)
		}
	}
}

func TestReadInBounds(t *testing.T) {
	list := readAll(t, `{"data":[`+chain(10)+`,`+chain(3)+`]}`, Limits{MaxSpans: 4})
	if len(list) != 2 || len(list[0].Spans) != 4 || list[0].Left != 6 || len(list[1].Spans) != 3 || list[1].Left != 0 {
		t.Errorf("got %+v", list)
	}
	list = readAll(t, `{"data":[`+chain(4)+`,{"traceID":"x","spans":[]}]}`, Limits{Keep: func(s string) bool { return s == "s1" }})
	if len(list) != 1 || len(list[0].Spans) != 2 {
		t.Errorf("got %+v", list)
	}
	long := readAll(t, `[{"spans":[{"spanID":"1","operationName":"`+strings.Repeat("é", 1000)+`"}]}]`, Limits{})[0].Spans[0].Operation
	if len(long) > maxName || strings.Trim(long, "é") != "" {
		t.Errorf("got %d bytes", len(long))
	}
}

// chain is a trace of n spans, each the child of the one before, of the
// services s0 and s1.
func chain(n int) string {
	var out strings.Builder
	out.WriteString(`{"traceID":"c","spans":[`)
	for i := range n {
		if i > 0 {
			out.WriteByte(',')
		}
		parent := ""
		if i > 0 {
			parent = fmt.Sprintf(`{"refType":"CHILD_OF","traceID":"c","spanID":"%x"}`, i)
		}
		fmt.Fprintf(&out, `{"spanID":"%x","operationName":"o","processID":"p%d","references":[%s],"startTime":%d,"duration":%d,"tags":[]}`,
			i+1, i%2, parent, 1000+i, 2*(n-i))
	}
	out.WriteString(`],"processes":{"p0":{"serviceName":"s0"},"p1":{"serviceName":"s1"}}}`)
	return out.String()
}

func TestReadOfWhatIsBroken(t *testing.T) {
	for _, answer := range []string{``, `{`, `{}`, `{"status":"ok"}`, `{"data":[`, `{"data":{}}`, `{"data":[1]}`, `{"data":[{"spans":{}}]}`, `{"data":[{"spans":[1]}]}`,
		`{"data":[{"spans":[{"spanID":1}]}]}`, `{"data":[{"spans":[{"duration":{}}]}]}`, `{"data":[{"spans":[{"duration":""}]}]}`, `[]x`, `"a"`, `{"data":[]}{}`, `{"data":[{"processes":[]}]}`,
		chain(5)[:200], `{"data":[` + chain(3)} {
		err := Read(strings.NewReader(answer), Limits{}, func(*Trace) error { return nil })
		if !errors.Is(err, ErrBroken) {
			t.Errorf("%.40s: got %v", answer, err)
		}
	}
	for _, answer := range []string{``, `{"data":[`, `{"data":{}}`, `[1]`, `[{"spans":{}}]`, `[{"spans":[1]}]`, `[{"spans":[{"processID":1}]}]`, `[]x`} {
		if err := Split(strings.NewReader(answer), nil, func(Raw) error { return nil }); !errors.Is(err, ErrBroken) {
			t.Errorf("%s: Split gave %v", answer, err)
		}
	}
}

func TestErrorsPassThrough(t *testing.T) {
	torn, enough := errors.New("torn"), errors.New("enough")
	if err := Read(iotest.ErrReader(torn), Limits{}, nil); !errors.Is(err, torn) {
		t.Errorf("got %v", err)
	}
	answer := `[` + chain(1) + `,` + chain(1) + `]`
	if err := Read(strings.NewReader(answer), Limits{}, func(*Trace) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
	if err := Split(strings.NewReader(answer), nil, func(Raw) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
}

func TestSplit(t *testing.T) {
	var all, some []Raw
	answer := recorded(t, "04-trace-by-id", "found_with_error")
	if err := Split(strings.NewReader(answer), nil, func(r Raw) error { all = append(all, r); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 || all[0].ID != "00000000000000000000000000abc003" || all[0].Start != 1795169700000000 || !strings.Contains(answer, string(all[0].JSON)) {
		t.Errorf("got %+v", all)
	}
	keep := func(s string) bool { return s == "payment" }
	if err := Split(strings.NewReader(answer), keep, func(r Raw) error { some = append(some, r); return nil }); err != nil {
		t.Fatal(err)
	}
	left := readAll(t, `[`+string(some[0].JSON)+`]`, Limits{})
	if len(left) != 1 || len(left[0].Spans) != 1 || left[0].Spans[0].Operation != "Charge" || some[0].Start != 1795169700025000 ||
		strings.Contains(string(some[0].JSON), "frontend") || strings.Contains(string(some[0].JSON), "checkout") {
		t.Errorf("got %s", some[0].JSON)
	}
	none := func(string) bool { return false }
	if err := Split(strings.NewReader(answer), none, func(Raw) error { t.Error("a trace is left"); return nil }); err != nil {
		t.Error(err)
	}
}

func TestParseID(t *testing.T) {
	for text, want := range map[string]string{
		"abc": strings.Repeat("0", 29) + "abc", "00000000000000000000000000ABC003": "00000000000000000000000000abc003",
		"0000000000abc000": "00000000000000000000000000abc000",
	} {
		if got, err := ParseID("traceId", text); err != nil || got != want {
			t.Errorf("%s: got %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "nothex", "0", strings.Repeat("0", 32), strings.Repeat("a", 33), "00000000-0000-0000-0000-000000abc000", " a", "a/b", "Ā"} {
		_, err := ParseID("traceId", text)
		if f := fault.From(err); f == nil || f.Kind() != fault.Invalid || f.Fields[0].Pointer != "traceId" {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

func FuzzParseID(f *testing.F) {
	f.Add("ABC")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := ParseID("traceId", text)
		if err != nil {
			return
		}
		again, err := ParseID("traceId", id)
		if len(id) != 32 || err != nil || again != id || !strings.HasSuffix(id, strings.ToLower(strings.TrimLeft(text, "0"))) {
			t.Errorf("%q became %q", text, id)
		}
	})
}
