package definition

import "reflect"

// Difference is one member that two versions disagree on.
type Difference struct {
	// Field is the member as clients write it, or "deleted".
	Field string
	// From and To are the values: a string, a bool, a []any or a map.
	From, To any
}

// Diff lists the members that differ between two versions of a key, in the
// order of the kind's Fields, "deleted" last.
func Diff(kind Kind, from, to Past) []Difference {
	var out []Difference
	for _, field := range kind.Fields() {
		a, b := from.Member(field), to.Member(field)
		if !reflect.DeepEqual(a, b) {
			out = append(out, Difference{field, a, b})
		}
	}
	if from.Deleted != to.Deleted {
		out = append(out, Difference{"deleted", from.Deleted, to.Deleted})
	}
	return out
}

// Member gives a member of the content by the name that clients use: a string,
// a bool, a []any or a map, never nil. Another name gives "".
func (c Content) Member(field string) any {
	switch field {
	case "description":
		return c.Description
	case "purpose":
		return c.Purpose
	case "owner":
		return c.Owner
	case "tags":
		return list(c.Tags)
	case "type":
		return c.Type
	case "examples":
		return list(c.Examples)
	case "required":
		return c.Required
	case "allowedValues":
		if c.AllowedValues == nil {
			return map[string]any{}
		}
		return c.AllowedValues
	}
	return ""
}

func list(texts []string) []any {
	out := make([]any, 0, len(texts))
	for _, t := range texts {
		out = append(out, t)
	}
	return out
}
