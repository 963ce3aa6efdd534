package live

import (
	"reflect"
	"testing"
	"time"
)

func TestPlaceAsText(t *testing.T) {
	now := time.Date(2026, 1, 2, 15, 4, 5, 100, time.UTC)
	for _, p := range []Place{{Time: now}, {now, map[uint32]int{7: 1}}, {now, map[uint32]int{7: 2, 0xffffffff: 1, 0: 3}}} {
		got, err := ParsePlace(p.String(), now)
		if err != nil || !got.Time.Equal(p.Time) || !reflect.DeepEqual(got.sent, p.sent) {
			t.Errorf("%s became %v, %v", p, got, err)
		}
	}
	many := Place{now, map[uint32]int{}}
	for i := range uint32(2 * told) {
		many.sent[i] = 1
	}
	if got, err := ParsePlace(many.String(), now); err != nil || len(got.sent) != told {
		t.Errorf("%d rows, %v", len(got.sent), err)
	}
	for _, text := range []string{"", "~1", "yesterday", now.Format(time.RFC3339) + "~", now.Format(time.RFC3339) + "~x", now.Format(time.RFC3339) + "~1ffffffff"} {
		if p, err := ParsePlace(text, now); err == nil {
			t.Errorf("%q was read as %s", text, p)
		}
	}
}

func FuzzPlace(f *testing.F) {
	f.Add("2026-01-02T15:04:05.1Z~1f.a0")
	f.Add("now-1h")
	f.Fuzz(func(t *testing.T, text string) {
		now := time.Unix(1_800_000_000, 0)
		p, err := ParsePlace(text, now)
		if err != nil {
			return
		}
		if again, err := ParsePlace(p.String(), now); err != nil || !again.Time.Equal(p.Time) || len(again.sent) != len(p.sent) {
			t.Errorf("%q: %s does not read back: %v, %v", text, p, again, err)
		}
	})
}
