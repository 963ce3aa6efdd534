package server

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// words reads tags and examples: a list of texts, or an object whose members
// become texts "key=value", in the order of their keys.
func words(pointer string, v *structpb.Value) ([]string, error) {
	switch k := v.GetKind().(type) {
	case nil, *structpb.Value_NullValue:
		return nil, nil
	case *structpb.Value_ListValue:
		return list(pointer, k.ListValue.GetValues())
	case *structpb.Value_StructValue:
		return pairs(pointer, k.StructValue.GetFields())
	}
	return nil, invalid(pointer, "must be a list of texts or an object")
}

func list(pointer string, values []*structpb.Value) ([]string, error) {
	var out []string
	for i, v := range values {
		text, ok := v.GetKind().(*structpb.Value_StringValue)
		if !ok {
			return nil, invalid(fmt.Sprintf("%s/%d", pointer, i), "must be a text")
		}
		out = append(out, text.StringValue)
	}
	return out, nil
}

func pairs(pointer string, members map[string]*structpb.Value) ([]string, error) {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		text, ok := scalar(members[name])
		if !ok {
			return nil, invalid(pointer+"/"+name, "must be a text, a number or a truth value")
		}
		out = append(out, name+"="+text)
	}
	return out, nil
}

func scalar(v *structpb.Value) (string, bool) {
	switch k := v.GetKind().(type) {
	case *structpb.Value_StringValue:
		return k.StringValue, true
	case *structpb.Value_BoolValue:
		return strconv.FormatBool(k.BoolValue), true
	case *structpb.Value_NumberValue:
		return strconv.FormatFloat(k.NumberValue, 'f', -1, 64), true
	}
	return "", false
}

func invalid(pointer, detail string) error {
	return fault.New(fault.CodeInvalidRequest, "invalid payload").WithField(pointer, "%s", detail)
}
