package victorialogs

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxMessage bounds what of the back end's message is passed on, in bytes.
const maxMessage = 512

var addresses = regexp.MustCompile(`(?:https?://\S+)|(?:\[[0-9a-fA-F:]+\]|(?:\d{1,3}\.){3}\d{1,3}|[A-Za-z0-9](?:[A-Za-z0-9-]*\.?)*):\d{2,5}\b(?:/\S*)?`)

// scrub makes the back end's message fit for the caller: without our filter and
// addresses, and not longer than maxMessage.
func scrub(text, filter, query string) string {
	if filter != "" {
		text = strings.ReplaceAll(text, filter, "")
		text = strings.ReplaceAll(text, strings.Trim(filter, "{}"), "")
	}
	return clip(addresses.ReplaceAllStringFunc(text, func(s string) string {
		// What the caller wrote explains an error.
		if strings.Contains(query, s) {
			return s
		}
		return "<address>"
	}))
}

func clip(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= maxMessage {
		return s
	}
	cut := maxMessage - len("...")
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "..."
}
