package otlp

import (
	"math"
	"slices"
	"testing"

	"go.uber.org/goleak"

	collectorv1 "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func str(s string) *commonv1.AnyValue {
	return &commonv1.AnyValue{Value: &commonv1.AnyValue_StringValue{StringValue: s}}
}

func num(f float64) *commonv1.AnyValue {
	return &commonv1.AnyValue{Value: &commonv1.AnyValue_DoubleValue{DoubleValue: f}}
}

func array(all ...*commonv1.AnyValue) *commonv1.AnyValue {
	return &commonv1.AnyValue{Value: &commonv1.AnyValue_ArrayValue{ArrayValue: &commonv1.ArrayValue{Values: all}}}
}

func kv(all ...*commonv1.KeyValue) *commonv1.AnyValue {
	return &commonv1.AnyValue{Value: &commonv1.AnyValue_KvlistValue{KvlistValue: &commonv1.KeyValueList{Values: all}}}
}

func TestText(t *testing.T) {
	tests := []struct {
		name  string
		value *commonv1.AnyValue
		want  string
	}{
		{"none", nil, ""},
		{"no value", &commonv1.AnyValue{}, ""},
		{"place in a table that is not sent", &commonv1.AnyValue{Value: &commonv1.AnyValue_StringValueStrindex{StringValueStrindex: 1}}, ""},
		{"text", str("x\"y"), `x"y`},
		{"bool", &commonv1.AnyValue{Value: &commonv1.AnyValue_BoolValue{BoolValue: true}}, "true"},
		{"int", &commonv1.AnyValue{Value: &commonv1.AnyValue_IntValue{IntValue: math.MinInt64}}, "-9223372036854775808"},
		{"double", num(1e21), "1000000000000000000000"},
		{"bytes", &commonv1.AnyValue{Value: &commonv1.AnyValue_BytesValue{BytesValue: []byte{1, 2}}}, "AQI="},
		{"list", array(str("a"), num(1.5), nil, array()), `["a",1.5,null,[]]`},
		{"map in a list", array(kv(&commonv1.KeyValue{Key: "k", Value: str("v")})), `[{"k":"v"}]`},
		{"no JSON number", array(num(math.NaN())), "[NaN]"},
	}
	for _, tt := range tests {
		if got := Text(tt.value); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestEach(t *testing.T) {
	var got []string
	Each("p:", []*commonv1.KeyValue{
		{Key: "a", Value: str("1")}, {Key: "m", Value: kv(&commonv1.KeyValue{Key: "b", Value: kv(&commonv1.KeyValue{Key: "c"})})},
	}, func(name, value string) { got = append(got, name+"="+value) })
	if want := []string{"p:a=1", "p:m.b.c="}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestUnmarshalNamesBadTags(t *testing.T) {
	var req collectorv1.ExportLogsServiceRequest
	for body, want := range map[string]string{
		"":         "",
		"\x0b":     "cannot unmarshal request from 1 bytes: cannot read next field in X: unknown wireType=3",
		"\x0a\x7f": "cannot unmarshal request from 2 bytes: ",
	} {
		err := Unmarshal([]byte(body), &req, "X")
		if (err == nil) != (want == "") || err != nil && err.Error()[:len(want)] != want {
			t.Errorf("%q: %v, want %q", body, err, want)
		}
	}
}
