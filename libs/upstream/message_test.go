package upstream

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestScrub(t *testing.T) {
	filter := `{tenant="7",env="prod"}`
	about := Asked{Query: `up{instance="web-1:9090",job="http://a:80/x"}`, Added: filter, Ours: []*regexp.Regexp{regexp.MustCompile(`id=\d+,? ?`)}}
	tests := map[string]string{
		"":                         "",
		"unexpected token":         "unexpected token",
		"needs memory at a-b:9428": "needs memory at <address>",
		`Get "http://10.0.0.7:8428/api?query=x": refused`: `Get "<address> refused`,
		"dial tcp [::1]:8401: refused":                    "dial tcp <address>: refused",
		"dial tcp [::ffff:10.0.0.7]:8401: refused":        "dial tcp <address>: refused",
		"dial tcp [fe80::1%eth0]:8401":                    "dial tcp <address>",
		"ask https://store.internal/select":               "ask <address>",
		"ask http://user:12345@store/select":              "ask <address>",
		"lookup victoria_logs:9428 on 10.0.0.2:53":        "lookup <address> on <address>",
		"no route to 10.0.0.7, given up":                  "no route to <address>, given up",
		`10.0.0.7/24`:                                     "<address>",
		"bad matcher web-1:9090":                          "bad matcher web-1:9090",
		`bad matcher http://a:80/x`:                       `bad matcher http://a:80/x`,
		`search [` + filter + `]`:                         "search []",
		`search {a="b",tenant="7",env="prod"}`:            `search {a="b",}`,
		`parse "{tenant=\"7\",env=\"prod\"}" failed`:      "parse  failed",
		`parse "up{tenant=\"7\",env=\"prod\"}" failed`:    `parse "up" failed`,
		"id=7, filters":                                   "filters",
		"broken \xff":                                     "broken \uFFFD",
	}
	for text, want := range tests {
		if got := Scrub(text, about); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestClip(t *testing.T) {
	for _, text := range []string{strings.Repeat("ü", 1000), strings.Repeat("x", MaxMessage+1), strings.Repeat("\xffx", MaxMessage)} {
		if got := Clip(text); len(got) > MaxMessage || len(got) < MaxMessage-3 || !strings.HasSuffix(got, "...") || !utf8.ValidString(got) {
			t.Errorf("%d bytes became %d: %q", len(text), len(got), got)
		}
	}
	if text := strings.Repeat("x", MaxMessage); Clip(text) != text {
		t.Error("what fits is cut")
	}
}

// FuzzScrub puts an address between other words; whatever they are, it does
// not come out unless the caller wrote it, and the message stays in bounds.
func FuzzScrub(f *testing.F) {
	f.Add("dial tcp", "connection refused", "up", "prod", uint8(0))
	f.Add("http://", ":99", `up{instance="10.1.2.3:8481"}`, `a"} 10.1.2.3`, uint8(1))
	f.Add("[", "]", "\xff", "", uint8(2))
	f.Add(strings.Repeat("ü", 250), strings.Repeat("a:80 ", 200), "", "{}", uint8(3))
	known := []string{"10.1.2.3:8481", "http://vm-select.prod.svc:8481/select/0", "[fe80::1]:9428", "victoria_logs:9428", "https://store.internal", "10.1.2.3"}
	f.Fuzz(func(t *testing.T, before, after, query, value string, which uint8) {
		address := known[int(which)%len(known)]
		got := Scrub(before+" "+address+" "+after, Asked{Query: query, Added: `{env="` + value + `"}`})
		if len(got) > MaxMessage || !utf8.ValidString(got) {
			t.Errorf("%d bytes: %q", len(got), got)
		}
		if said := before + after + query; !strings.Contains(said, address) && strings.Contains(got, address) {
			t.Errorf("%s shows: %q", address, got)
		}
	})
}
