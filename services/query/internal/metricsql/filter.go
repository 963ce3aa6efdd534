package metricsql

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/VictoriaMetrics/metricsql"
)

// The labels that tell tenants apart on a server without tenants of its own.
const (
	accountLabel = "vm_account_id"
	projectLabel = "vm_project_id"
)

// IsTenantLabel tells the labels that a server without tenants keeps them apart
// by; they are ours, not the writer's.
func IsTenantLabel(name string) bool { return name == accountLabel || name == projectLabel }

// ErrScope refuses a role scope that cannot be turned into a selector without
// doubt. Nobody may query under it.
var ErrScope = errors.New("the role scope is not a plain label selector")

// Tenant is where a tenant's series lie.
type Tenant struct{ Account, Project uint32 }

// Filter is the selector that holds every read to the tenant and the scope: a
// label selector without braces, possibly empty. A nil tenant leaves the
// tenant out, for servers that keep tenants apart by path. It is "" when there
// is nothing to hold to.
//
// The scope's alternatives (`or`) are each combined with the tenant, since
// servers take the groups of one selector, and repeated selectors, as
// alternatives.
func Filter(tenant *Tenant, roleScope string) (string, error) {
	groups, err := scopeGroups(roleScope)
	if err != nil {
		return "", err
	}
	if tenant != nil {
		groups = withTenant(*tenant, groups)
	}
	if len(groups) == 0 {
		return "", nil
	}
	text := string(appendSelector(nil, groups))
	if !readsBack(text, groups) {
		return "", fmt.Errorf("%w: it does not read back", ErrScope)
	}
	return text, nil
}

func scopeGroups(roleScope string) ([][]metricsql.LabelFilter, error) {
	if roleScope == "" {
		return nil, nil
	}
	expr, err := parse("{" + roleScope + "}")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrScope, err)
	}
	selector, ok := expr.(*metricsql.MetricExpr)
	if !ok || selector.IsEmpty() {
		return nil, ErrScope
	}
	for _, group := range selector.LabelFilterss {
		if len(group) == 0 {
			return nil, ErrScope
		}
	}
	return selector.LabelFilterss, nil
}

func withTenant(t Tenant, groups [][]metricsql.LabelFilter) [][]metricsql.LabelFilter {
	own := []metricsql.LabelFilter{
		{Label: accountLabel, Value: strconv.FormatUint(uint64(t.Account), 10)},
		{Label: projectLabel, Value: strconv.FormatUint(uint64(t.Project), 10)},
	}
	if len(groups) == 0 {
		return [][]metricsql.LabelFilter{own}
	}
	all := make([][]metricsql.LabelFilter, len(groups))
	for i, g := range groups {
		all[i] = slices.Concat(own, g)
	}
	return all
}

// readsBack is the last check before a filter is trusted: the text must mean
// exactly the groups it was made of.
func readsBack(text string, groups [][]metricsql.LabelFilter) bool {
	expr, err := parse(text)
	if err != nil {
		return false
	}
	selector, ok := expr.(*metricsql.MetricExpr)
	return ok && slices.EqualFunc(selector.LabelFilterss, groups, equalGroups)
}

// equalGroups compares without order and doubles: the parser moves the name
// to the front.
func equalGroups(a, b []metricsql.LabelFilter) bool {
	return within(a, b) && within(b, a)
}

func within(a, b []metricsql.LabelFilter) bool {
	return !slices.ContainsFunc(a, func(f metricsql.LabelFilter) bool { return !slices.Contains(b, f) })
}

// appendSelector writes groups as `{a="b",c=~"d" or e="f"}`, a single plain
// name before the braces.
func appendSelector(dst []byte, groups [][]metricsql.LabelFilter) []byte {
	if len(groups) == 1 && len(groups[0]) > 0 && isName(groups[0][0]) && isPlain(groups[0][0].Value) {
		dst = append(dst, groups[0][0].Value...)
		if len(groups[0]) == 1 {
			return dst
		}
		groups = [][]metricsql.LabelFilter{groups[0][1:]}
	}
	dst = append(dst, '{')
	for i, group := range groups {
		if i > 0 {
			dst = append(dst, " or "...)
		}
		dst = appendGroup(dst, group)
	}
	return append(dst, '}')
}

func appendGroup(dst []byte, group []metricsql.LabelFilter) []byte {
	for i, f := range group {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendName(dst, f.Label)
		dst = append(dst, operator(f)...)
		dst = appendValue(dst, f.Value)
	}
	return dst
}

func operator(f metricsql.LabelFilter) string {
	switch {
	case f.IsNegative && f.IsRegexp:
		return "!~"
	case f.IsNegative:
		return "!="
	case f.IsRegexp:
		return "=~"
	}
	return "="
}

// appendValue is the one place where a value enters MetricsQL.
func appendValue(dst []byte, value string) []byte {
	return strconv.AppendQuote(dst, value)
}

// appendName is the one place where a label name enters MetricsQL: all but
// letters, digits and underscores is escaped.
func appendName(dst []byte, name string) []byte {
	for i, r := range name {
		if !plainRune(r, i) {
			dst = append(dst, '\\')
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

func isPlain(name string) bool {
	for i, r := range name {
		if !plainRune(r, i) {
			return false
		}
	}
	return name != ""
}

func plainRune(r rune, i int) bool {
	letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	return letter || i > 0 && r >= '0' && r <= '9'
}

// NameSelector selects the metric of that name.
func NameSelector(name string) string { return LabelSelector(nameLabel, name) }

// LabelSelector selects the series that carry the value in a label.
func LabelSelector(label, value string) string {
	return string(appendSelector(nil, [][]metricsql.LabelFilter{{{Label: label, Value: value}}}))
}
