package pattern

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestMask(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"plain", "connection refused", "connection refused"},
		{"blanks", "  a \t\n b  ", "a b"},
		{"numbers", "took 12 of -3.5 items", "took <num> of <num> items"},
		{"durations", "took 12ms, then 1m30.5s.", "took <dur>, then <dur>."},
		{"sizes and shares", "10MB at 35%", "<size> at <num>%"},
		{"hex", "at 0xdeadbeef id 7f9c6d8b5", "at <hex> id <hex>"},
		{"trace id of digits only", "trace 00000000000000000000000000000003", "trace <hex>"},
		{"a word of hex letters", "defaced facade", "defaced facade"},
		{"uuid", "order 123e4567-e89b-12d3-a456-426614174000 paid", "order <uuid> paid"},
		{"ip", "from 10.0.0.1:8080 to fe80::1 and 10.1.2.3", "from <ip> to <ip> and <ip>"},
		{"times", "at 2026-11-20T10:00:00.123Z or 2026-11-20 10:00:00", "at <time> or <time> <time>"},
		{"quoted", `user "bob smith" said 'hi'`, "user <str> said <str>"},
		{"escaped quote", `say "a \" b" now`, "say <str> now"},
		{"apostrophe", "can't open user's file", "can't open user's file"},
		{"quote never closed", `a "b c`, `a "b c`},
		{"paths with ids", "GET /api/v1/orders/123/items/9f8e7d6c5b4a", "GET /api/v1/orders/<num>/items/<hex>"},
		{"url", "https://shop:8443/cart?id=5&x=y", "https://shop:<num>/cart?id=<num>&x=y"},
		{"key and value", "status=500 key=user:5 code=E004", "status=<num> key=user:<num> code=E004"},
		{"names with numbers", "db-0 worker7", "db-<num> worker7"},
		{"data", strings.Repeat("QUJD", 100), "<*>"},
		{"other writing", "заказ 17 готов", "заказ <num> готов"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := Mask(c.in); got != c.want {
				t.Errorf("Mask(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func FuzzMask(f *testing.F) {
	f.Add(`GET /a/1 "x" 10ms 0x1 1.2.3.4:5 '`)
	f.Add("\xff\x00 ' ''\\")
	f.Fuzz(func(t *testing.T, in string) {
		out := Mask(in)
		if strings.HasPrefix(out, " ") || strings.HasSuffix(out, " ") || strings.Contains(out, "  ") {
			t.Fatalf("blanks in %q", out)
		}
		if utf8.ValidString(in) && !utf8.ValidString(out) {
			t.Fatalf("broken text %q", out)
		}
		if again := Mask(in); again != out {
			t.Fatalf("%q and %q", out, again)
		}
	})
}
