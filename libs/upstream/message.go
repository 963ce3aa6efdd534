package upstream

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxMessage bounds what of a back end's message is passed on, in bytes.
const MaxMessage = 512

// hidden stands where an address stood.
const hidden = "<address>"

// addresses are URLs, host:port with what follows it, and bare IPv4 addresses.
var addresses = regexp.MustCompile(`(?:https?://)?(?:` +
	`(?:\[[0-9a-fA-F:.]+(?:%[\w.-]+)?\]|[A-Za-z0-9_][A-Za-z0-9_.-]*):\d{2,5}\b(?:[/?#@]\S*)?` +
	`|(?:\d{1,3}\.){3}\d{1,3}\b(?:/\S*)?)` +
	`|https?://\S+`)

// Asked is what is known of a request when the back end's words about it are
// judged.
type Asked struct {
	// Query of the caller, if any: an address that stands in it, such as the
	// value of a label, may be told again.
	Query string
	// Added is the filter in braces that was put beside the query, if any.
	Added string
	// Ours matches what else of a message must not be told.
	Ours []*regexp.Regexp
}

// Scrub makes a back end's message fit for the caller: without the filter that
// was added (quoted or not, with its braces or not), without what is ours,
// with "<address>" for each address, valid UTF-8, and at most MaxMessage bytes.
func Scrub(text string, about Asked) string {
	text = without(text, about.Added)
	for _, ours := range about.Ours {
		text = ours.ReplaceAllString(text, "")
	}
	return Clip(addresses.ReplaceAllStringFunc(text, func(s string) string {
		if strings.Contains(about.Query, s) {
			return s
		}
		return hidden
	}))
}

func without(text, filter string) string {
	for _, form := range []string{filter, strings.Trim(filter, "{}")} {
		if form == "" {
			continue
		}
		quoted := strconv.Quote(form)
		for _, each := range []string{quoted, form, quoted[1 : len(quoted)-1]} {
			text = strings.ReplaceAll(text, each, "")
		}
	}
	return text
}

// Clip makes text valid UTF-8 of at most MaxMessage bytes; what is cut ends in
// "...".
func Clip(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= MaxMessage {
		return text
	}
	cut := MaxMessage - len("...")
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "..."
}
