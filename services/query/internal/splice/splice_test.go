package splice

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestGoldenAnswersAtEverySplit(t *testing.T) {
	bodies := golden(t)
	if len(bodies) < 200 {
		t.Fatalf("only %d golden answers", len(bodies))
	}
	s := New(Limits{})
	for name, body := range bodies {
		for _, size := range []int{1, 2, 3, 7, 16, 61, len(body)} {
			s.Reset(Limits{})
			checkAgainstTruth(t, name, s, body, size)
		}
	}
}

func checkAgainstTruth(t *testing.T, name string, s *Scanner, body string, sizes ...int) {
	t.Helper()
	want := decodeTruth(t, body)
	data, err := scan(s, body, sizes...)
	var refused *StatusError
	if want.Status == "success" && want.Data == nil {
		if !errors.Is(err, ErrMalformed) {
			t.Errorf("%s in %v: error %v for an answer without data", name, sizes, err)
		}
		return
	}
	if want.Status != "success" {
		if !errors.As(err, &refused) || refused.Status != want.Status {
			t.Errorf("%s in %v: error %v, want status %q", name, sizes, err, want.Status)
		}
		return
	}
	f := s.Facts()
	got := truth{"success", []byte(data), f.ResultType, f.Series, f.Points, f.Elements}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s in %v: error %v\n got %+v %s\nwant %+v %s", name, sizes, err, got, got.Data, want, want.Data)
	}
}

func TestFacts(t *testing.T) {
	cases := []struct {
		name, answer string
		data         string
		want         Facts
	}{
		{"members before and after data",
			`{"isPartial":true,"status":"success","data":[],"warnings":["a","b"],"infos":null,"n":12 }`, `[]`,
			Facts{Members: []Member{{"isPartial", []byte("true")}, {"warnings", []byte(`["a","b"]`)},
				{"infos", []byte("null")}, {"n", []byte("12")}}}},
		{"white space everywhere",
			" { \"status\" :\t\"success\" ,\n\"data\" : [ 1 , { } , [ ] ] } \r\n", `[ 1 , { } , [ ] ]`,
			Facts{Elements: 3}},
		{"names with escapes", `{"st\u0061tus":"succ\u0065ss","d\u0061ta":{"a":1,"b":{"c":2}}}`, `{"a":1,"b":{"c":2}}`,
			Facts{Elements: 2}},
		{"names deeper down mean nothing", `{"x":{"status":"error","data":1},"status":"success","data":{"data":[1,2],"result":{"result":[{}]}}}`,
			`{"data":[1,2],"result":{"result":[{}]}}`,
			Facts{Elements: 2, Members: []Member{{"x", []byte(`{"status":"error","data":1}`)}}}},
		{"vector", `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up","job":"a"},"value":[1,"0"]},{"metric":{"job":"b"},"value":[1,"0"]}]}}`,
			`{"resultType":"vector","result":[{"metric":{"__name__":"up","job":"a"},"value":[1,"0"]},{"metric":{"job":"b"},"value":[1,"0"]}]}`,
			Facts{ResultType: "vector", Elements: 2, Series: 2, Points: 2, Sample: []Metric{{"up", []string{"job"}}, {"", []string{"job"}}}}},
		{"name behind labels, brackets in labels", `{"status":"success","data":{"result":[{"values":[[1,"1"],[2,"]]"]],"metric":{"a]]":"[[\"","__name__":"u\"p"}}],"resultType":"matrix"}}`,
			`{"result":[{"values":[[1,"1"],[2,"]]"]],"metric":{"a]]":"[[\"","__name__":"u\"p"}}],"resultType":"matrix"}`,
			Facts{ResultType: "matrix", Elements: 2, Series: 1, Points: 2, Sample: []Metric{{`u"p`, []string{"a]]"}}}}},
		{"scalar", `{"status":"success","data":{"resultType":"scalar","result":[1795170600,"42"]}}`, `{"resultType":"scalar","result":[1795170600,"42"]}`,
			Facts{ResultType: "scalar", Elements: 2, Series: 1, Points: 1}},
		{"histograms", `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[],"histograms":[[1,{"count":"1"}],[2,{}]]}]}}`,
			`{"resultType":"matrix","result":[{"metric":{},"values":[],"histograms":[[1,{"count":"1"}],[2,{}]]}]}`,
			Facts{ResultType: "matrix", Elements: 2, Series: 1, Points: 2}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for size := 1; size <= len(c.answer); size++ {
				s := New(Limits{})
				data, err := scan(s, c.answer, size)
				if err != nil || data != c.data {
					t.Fatalf("pieces of %d: data %s, error %v", size, data, err)
				}
				if got := s.Facts(); !reflect.DeepEqual(got, c.want) {
					t.Fatalf("pieces of %d:\n got %+v\nwant %+v", size, got, c.want)
				}
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	deep := strings.Repeat("[", 70)
	cases := []struct {
		name, answer string
		want         error
	}{
		{"nothing", ``, ErrTruncated},
		{"no object", `[]`, ErrMalformed},
		{"no status", `{"data":[]}`, ErrMalformed},
		{"status is no text", `{"status":["success"],"data":[]}`, ErrMalformed},
		{"no data", `{"status":"success"}`, ErrMalformed},
		{"data twice", `{"status":"success","data":[],"data":[]}`, ErrMalformed},
		{"status twice", `{"status":"error","status":"success","data":[]}`, ErrMalformed},
		{"bytes behind", `{"status":"success","data":[]}{`, ErrMalformed},
		{"comma too many", `{"status":"success","data":[1,]}`, ErrMalformed},
		{"comma before brace", `{"status":"success","data":[],}`, ErrMalformed},
		{"wrong bracket", `{"status":"success","data":[}}`, ErrMalformed},
		{"no colon", `{"status" "success"}`, ErrMalformed},
		{"leading zero", `{"status":"success","data":[01]}`, ErrMalformed},
		{"lonely minus", `{"status":"success","data":[-]}`, ErrMalformed},
		{"no fraction", `{"status":"success","data":[1.]}`, ErrMalformed},
		{"no exponent", `{"status":"success","data":[1e+]}`, ErrMalformed},
		{"word", `{"status":"success","data":[nul]}`, ErrMalformed},
		{"not a number", `{"status":"success","data":[NaN]}`, ErrMalformed},
		{"escape", `{"status":"success","data":["\x"]}`, ErrMalformed},
		{"hex", `{"status":"success","data":["\u12g4"]}`, ErrMalformed},
		{"line feed in text", "{\"status\":\"success\",\"data\":[\"\n\"]}", ErrMalformed},
		{"too deep", `{"status":"success","data":` + deep, ErrMalformed},
		{"sample without bracket", `{"status":"success","data":{"result":[{"values":[[1795170600,"1",[1795170615,"2"]]}]}}`, ErrMalformed},
		{"two samples for one value", `{"status":"success","data":{"result":[{"value":[1795170600,"1"],[1795170615,"2"]}]}}`, ErrMalformed},
		{"sample before a brace", `{"status":"success","data":{"result":[{"values":[[1795170600,"1"]}]}}`, ErrMalformed},
		{"label without value", `{"status":"success","data":[{"x":{"a":"b","c"}}]}`, ErrMalformed},
		{"label behind a comma", `{"status":"success","data":[{"x":{"a":"b",}}]}`, ErrMalformed},
		{"samples without comma", `{"status":"success","data":{"result":[{"values":[[1795170600,"1"][1795170615,"2"]]}]}}`, ErrMalformed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for size := 1; size <= max(1, len(c.answer)); size++ {
				s := New(Limits{})
				_, err := scan(s, c.answer, size)
				if err == nil {
					err = s.Close()
				}
				if !errors.Is(err, c.want) {
					t.Fatalf("pieces of %d: error %v, want %v", size, err, c.want)
				}
			}
		})
	}
}

func TestEveryTruncationIsSeen(t *testing.T) {
	for name, body := range golden(t) {
		if len(body) > 2000 {
			continue
		}
		for cut := range len(strings.TrimRight(body, "\n ")) {
			if _, err := scan(New(Limits{}), body[:cut], 37); !errors.Is(err, ErrTruncated) && cut > 0 {
				t.Fatalf("%s cut at %d: error %v", name, cut, err)
			}
		}
	}
}

func TestErrorAnswerKeepsTheBackEndsWords(t *testing.T) {
	_, err := scan(New(Limits{}), `{"status":"error","errorType":"422","error":"too \"many\" points"}`, 5)
	var refused *StatusError
	if !errors.As(err, &refused) || refused.Type != "422" || refused.Message != `too "many" points` {
		t.Fatalf("error %v", err)
	}
}

func TestLimitsDropWhatIsTooLarge(t *testing.T) {
	s := New(Limits{Series: 2, Metrics: 1, Labels: 1, MemberBytes: 10})
	answer := `{"trace":{"long":"` + strings.Repeat("x", 50) + `"},"isPartial":true,"status":"success","data":{"resultType":"vector","result":[` +
		`{"metric":{"__name__":"a","k":"","l":""}},{"metric":{"__name__":"b","m":""}},{"metric":{"__name__":"a","n":""}}]}}`
	if _, err := scan(s, answer, 8); err != nil {
		t.Fatal(err)
	}
	f := s.Facts()
	if !f.Partial() || !slices.Equal(f.Dropped, []string{"trace"}) {
		t.Errorf("members %+v, dropped %v", f.Members, f.Dropped)
	}
	if want := []Metric{{"a", []string{"k"}}}; !reflect.DeepEqual(f.Sample, want) {
		t.Errorf("sample %+v, want %+v", f.Sample, want)
	}
}

func TestFactsSurviveReset(t *testing.T) {
	s := New(Limits{})
	if _, err := scan(s, matrix(2, 3)); err != nil {
		t.Fatal(err)
	}
	before := s.Facts()
	s.Reset(Limits{})
	if _, err := scan(s, `{"status":"success","other":1,"data":{"result":[{"metric":{"__name__":"zz","z":""}}]}}`); err != nil {
		t.Fatal(err)
	}
	if before.Sample[0].Name != "http_requests_total" || before.Members[0].Name != "isPartial" {
		t.Errorf("old facts changed: %+v", before)
	}
}

func TestAnyMatrixAtAnySplit(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		body := drawAnswer(r)
		sizes := rapid.SliceOfN(rapid.IntRange(1, 80), 1, 6).Draw(r, "sizes")
		want := decodeTruth(t, body)
		s := New(Limits{})
		data, err := scan(s, body, sizes...)
		f := s.Facts()
		got := truth{"success", []byte(data), f.ResultType, f.Series, f.Points, f.Elements}
		if err != nil || !reflect.DeepEqual(got, want) {
			r.Fatalf("error %v\n got %+v %s\nwant %+v %s", err, got, got.Data, want, want.Data)
		}
	})
}

// drawAnswer builds a matrix answer with odd labels, times and values.
func drawAnswer(r *rapid.T) string {
	gap := func() string { return rapid.SampledFrom([]string{"", "", "", " ", "\n\t"}).Draw(r, "gap") }
	text := func() string {
		return rapid.SampledFrom([]string{`a`, ``, `]]`, `[[`, `\"`, `\\`, `\u00e9`, `ü`, `},{`, `0123456789abcdef`}).Draw(r, "text")
	}
	point := func() string {
		at := rapid.SampledFrom([]string{"1795170600", "1795170600.123", "0", "123456789", "-5", "1.7951706e9"}).Draw(r, "time")
		v := rapid.SampledFrom([]string{"1", "0.30000000000000004", "NaN", "+Inf", "1e+99", text()}).Draw(r, "value")
		return gap() + "[" + gap() + at + "," + gap() + `"` + v + `"` + gap() + "]" + gap()
	}
	var series []string
	for range rapid.IntRange(0, 4).Draw(r, "series") {
		var points []string
		for range rapid.IntRange(0, 9).Draw(r, "points") {
			points = append(points, point())
		}
		series = append(series, `{"metric":{"__name__":"`+text()+`","`+text()+`x":"`+text()+`"},"values":[`+strings.Join(points, ",")+`]}`)
	}
	return `{"status":` + gap() + `"success","data":` + gap() + `{"resultType":"matrix","result":[` + strings.Join(series, gap()+",") + `]}` + gap() + `,"stats":{}}`
}
