package pattern

import (
	"net/netip"
	"strings"
	"time"
)

// maxWord is how long a word may be that is still taken apart; longer ones are
// data, and taking them apart costs the square of their length.
const maxWord = 256

// maskWord appends the word, or its type, or the types of its parts.
func maskWord(out []byte, w string) []byte {
	if len(w) > maxWord {
		return append(out, wildcard...)
	}
	if kind := kindOf(w); kind != "" {
		return append(out, kind...)
	}
	for _, separator := range []string{"/", ":", "-", "_", ".", "@", "#", "+", "~"} {
		if head, tail, found := strings.Cut(w, separator); found {
			out = maskWord(out, head)
			out = append(out, separator...)
			return maskWord(out, tail)
		}
	}
	return append(out, w...)
}

// kindOf names the type of a whole word; "" means that it is text.
func kindOf(w string) string {
	if !strings.ContainsAny(w, "0123456789") && !strings.HasPrefix(w, "::") {
		return ""
	}
	switch {
	case moment(w):
		return "<time>"
	case uuid(w):
		return "<uuid>"
	case address(w):
		return "<ip>"
	case hexadecimal(w):
		return "<hex>"
	}
	return quantity(w)
}

// moment recognises 2026-11-20, with or without a time, and 10:30:00.
func moment(w string) bool {
	switch {
	case shaped(w, "dddd-dd-dd"), shaped(w, "dddd/dd/dd"):
		return len(w) == 10 || strings.IndexByte("Tt_Zz", w[10]) >= 0
	case shaped(w, "dd:dd:dd"):
		return strings.Trim(w[8:], ".0123456789Zz+-:") == ""
	}
	return false
}

// shaped tells whether w begins like the form, in which d is any digit.
func shaped(w, form string) bool {
	if len(w) < len(form) {
		return false
	}
	for i := range len(form) {
		if form[i] == 'd' && !digit(w[i]) || form[i] != 'd' && form[i] != w[i] {
			return false
		}
	}
	return true
}

func uuid(w string) bool {
	if len(w) != 36 {
		return false
	}
	for i := range len(w) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash && w[i] != '-' || !dash && !hexDigit(w[i]) {
			return false
		}
	}
	return true
}

func address(w string) bool {
	if strings.Count(w, ".") != 3 && strings.Count(w, ":") < 2 {
		return false
	}
	if _, err := netip.ParseAddr(w); err == nil {
		return true
	}
	_, err := netip.ParseAddrPort(w)
	return err == nil
}

// hexadecimal wants a prefix, or eight digits among which is one of each kind,
// or the length of a trace id, span id or digest.
func hexadecimal(w string) bool {
	if rest, found := strings.CutPrefix(strings.ToLower(w), "0x"); found {
		return rest != "" && allHex(rest)
	}
	if len(w) < 8 || !allHex(w) {
		return false
	}
	id := len(w) == 16 || len(w) == 32 || len(w) == 40 || len(w) == 64
	return id || strings.Trim(w, "0123456789") != ""
}

func allHex(w string) bool {
	for i := range len(w) {
		if !hexDigit(w[i]) {
			return false
		}
	}
	return true
}

func hexDigit(c byte) bool { return digit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// quantity recognises numbers, durations, sizes and shares.
func quantity(w string) string {
	unsigned := strings.TrimLeft(w, "+-")
	if unsigned == "" || !digit(unsigned[0]) && unsigned[0] != '.' {
		return ""
	}
	unit := strings.TrimLeft(unsigned, "0123456789.")
	if strings.Count(unsigned[:len(unsigned)-len(unit)], ".") > 1 {
		return ""
	}
	switch strings.ToLower(unit) {
	case "":
		return "<num>"
	case "%":
		return "<num>%"
	case "b", "kb", "mb", "gb", "tb", "kib", "mib", "gib", "tib":
		return "<size>"
	}
	if _, err := time.ParseDuration(w); err == nil {
		return "<dur>"
	}
	return ""
}
