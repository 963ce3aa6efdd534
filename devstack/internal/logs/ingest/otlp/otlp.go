// Package otlp turns what OpenTelemetry's protobuf carries into flat fields,
// the way the real servers of logs and traces do.
package otlp

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"

	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// Unmarshal reads a whole export request into m; name is what errors call it.
func Unmarshal(body []byte, m proto.Message, name string) error {
	if v, n := protowire.ConsumeVarint(body); n > 0 && !known(v&7) {
		return fmt.Errorf("cannot unmarshal request from %d bytes: cannot read next field in %s: unknown wireType=%d", len(body), name, v&7)
	}
	if err := proto.Unmarshal(body, m); err != nil {
		return fmt.Errorf("cannot unmarshal request from %d bytes: %w", len(body), err)
	}
	return nil
}

func known(wireType uint64) bool {
	switch protowire.Type(wireType) {
	case protowire.VarintType, protowire.Fixed64Type, protowire.BytesType, protowire.Fixed32Type:
		return true
	}
	return false
}

// Each calls add for every attribute: maps with dots between the names, all
// else as Text.
func Each(prefix string, attributes []*commonv1.KeyValue, add func(name, value string)) {
	for _, a := range attributes {
		if inner, ok := a.GetValue().GetValue().(*commonv1.AnyValue_KvlistValue); ok {
			Each(prefix+a.Key+".", inner.KvlistValue.GetValues(), add)
			continue
		}
		add(prefix+a.Key, Text(a.Value))
	}
}

// Text is the form of a value in a field: bytes in base64, lists and maps as
// JSON, "" for none.
func Text(v *commonv1.AnyValue) string {
	switch v := tree(v).(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		text, err := json.Marshal(v)
		if err != nil { // a number that JSON does not have
			return fmt.Sprint(v)
		}
		return string(text)
	}
}

// tree is a value as encoding/json takes it; nil for what is not known.
func tree(v *commonv1.AnyValue) any {
	switch v := v.GetValue().(type) {
	case *commonv1.AnyValue_StringValue:
		return v.StringValue
	case *commonv1.AnyValue_BoolValue:
		return v.BoolValue
	case *commonv1.AnyValue_IntValue:
		return v.IntValue
	case *commonv1.AnyValue_DoubleValue:
		return v.DoubleValue
	case *commonv1.AnyValue_BytesValue:
		return base64.StdEncoding.EncodeToString(v.BytesValue)
	case *commonv1.AnyValue_ArrayValue:
		return list(v.ArrayValue.GetValues())
	case *commonv1.AnyValue_KvlistValue:
		return object(v.KvlistValue.GetValues())
	}
	return nil
}

func list(values []*commonv1.AnyValue) []any {
	all := make([]any, len(values))
	for i, v := range values {
		all[i] = tree(v)
	}
	return all
}

func object(attributes []*commonv1.KeyValue) map[string]any {
	all := make(map[string]any, len(attributes))
	for _, a := range attributes {
		all[a.GetKey()] = tree(a.GetValue())
	}
	return all
}
