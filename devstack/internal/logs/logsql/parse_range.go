package logsql

import (
	"math"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"
)

// numbers reads range[a, b], range(a, b) and the mixed forms.
func (l *lexer) numbers(field string) (filter, error) {
	openLow := l.is("(")
	l.next()
	low, err := l.bound("minValue")
	if err != nil {
		return nil, err
	}
	if !l.accept(",") {
		return nil, errorf("unexpected token %q in range(); want ','", l.token)
	}
	high, err := l.bound("maxValue")
	if err != nil {
		return nil, err
	}
	openHigh := l.is(")")
	if !l.accept(")", "]") {
		return nil, errorf("missing closing parenthesis in range()")
	}
	if openLow {
		low = math.Nextafter(low, math.Inf(1))
	}
	if openHigh {
		high = math.Nextafter(high, math.Inf(-1))
	}
	return valueFilter{field, between(low, high)}, nil
}

func (l *lexer) bound(name string) (float64, error) {
	text, err := l.value()
	if err != nil {
		return 0, errorf("cannot parse %s in range(): %w", name, err)
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return f, nil
	}
	n, ok := number(text)
	if !ok {
		return 0, errorf("cannot parse %s in range(): cannot parse %q as float64", name, text)
	}
	return n, nil
}

func (l *lexer) lengths(field string) (filter, error) {
	args, err := l.arguments("len_range")
	if err != nil {
		return nil, err
	}
	if len(args) != 2 {
		return nil, errorf("unexpected number of args for len_range(); got %d; want 2", len(args))
	}
	low, okLow := number(args[0])
	high, okHigh := number(args[1])
	if !okHigh && strings.EqualFold(args[1], "inf") {
		high, okHigh = math.Inf(1), true
	}
	if !okLow || !okHigh {
		return nil, errorf("cannot parse lengths at len_range(%s, %s)", args[0], args[1])
	}
	return valueFilter{field, func(v string) bool {
		n := float64(utf8.RuneCountInString(v))
		return n >= low && n <= high
	}}, nil
}

// texts reads string_range(a, b), which leaves b out.
func (l *lexer) texts(field string) (filter, error) {
	args, err := l.arguments("string_range")
	if err != nil {
		return nil, err
	}
	if len(args) != 2 {
		return nil, errorf("unexpected number of args for string_range(); got %d; want 2", len(args))
	}
	return valueFilter{field, func(v string) bool { return v >= args[0] && v < args[1] }}, nil
}

func (l *lexer) addresses(field string) (filter, error) {
	args, err := l.arguments("ipv4_range")
	if err != nil {
		return nil, err
	}
	var low, high netip.Addr
	switch len(args) {
	case 1:
		low, high, err = cidr(args[0])
	case 2:
		if low, err = netip.ParseAddr(args[0]); err == nil {
			high, err = netip.ParseAddr(args[1])
		}
	default:
		return nil, errorf("unexpected number of args for ipv4_range(); got %d; want 2", len(args))
	}
	if err != nil || !low.Is4() || !high.Is4() {
		return nil, errorf("cannot parse IPv4 address or IPv4 CIDR %q at ipv4_range()", args[0])
	}
	return valueFilter{field, func(v string) bool {
		a, err := netip.ParseAddr(v)
		return err == nil && a.Is4() && !a.Less(low) && !high.Less(a)
	}}, nil
}

func cidr(s string) (low, high netip.Addr, err error) {
	if !strings.Contains(s, "/") {
		low, err = netip.ParseAddr(s)
		return low, low, err
	}
	p, err := netip.ParsePrefix(s)
	if err != nil || !p.Addr().Is4() {
		return low, high, errorf("no IPv4 network: %q", s)
	}
	n := ipv4(p.Masked().Addr()) | uint32(1<<(32-p.Bits())-1)
	return p.Masked().Addr(), netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}), nil
}
