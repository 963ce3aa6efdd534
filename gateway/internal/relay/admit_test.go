package relay

import (
	"strings"
	"testing"
)

func TestLargeBodiesAreStoredWhenThereIsRoom(t *testing.T) {
	s, r := serve(t, body{data: strings.Repeat("x", 2<<20), ttl: 60_000}.send), New(Options{})
	for i, want := range []Cache{Miss, Hit} {
		if a, _ := fetch(t, r, testKey(), s.call); a.Cache != want {
			t.Errorf("request %d: %s", i, a.Cache)
		}
	}
}

func TestFloodOfLargeBodiesIsNotStored(t *testing.T) {
	r := New(Options{MaxBytes: 10 << 20, TenantShare: 1})
	flood := serve(t, body{data: strings.Repeat("x", 2<<20), ttl: 60_000}.send)
	key := testKey()
	for key.Epoch = range 20 {
		fetch(t, r, key, flood.call)
	}
	if got := r.local.Bytes(); got > 5<<20 {
		t.Errorf("%d bytes stored", got)
	}
	for i, want := range []Cache{Miss, Hit} {
		if a, _ := fetch(t, r, key, flood.call); a.Cache != want {
			t.Errorf("asked for again, request %d: %s", i, a.Cache)
		}
	}
}

func TestCallsOnTheirOwnWayKeepNoLargeBodies(t *testing.T) {
	s, r := serve(t, body{data: strings.Repeat("x", 2<<20), ttl: 60_000}.send), New(Options{FollowStream: 1})
	leader, err := r.Fetch(within(t), testKey(), s.call)
	if err != nil {
		t.Fatal(err)
	}
	defer leader.Close()
	if a, _ := fetch(t, r, testKey(), s.call); a.Cache != Miss || r.local.Bytes() != 0 {
		t.Errorf("%s, %d bytes stored", a.Cache, r.local.Bytes())
	}
}
