package journey

import (
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
)

// Slot is the time for which the shop is looked at once.
const Slot = 5 * time.Second

// traced is one journey of so many that is traced although all went well.
const traced = 4

// Traffic tells journeys of one story to one audience.
type Traffic struct {
	story    *shop.Shop
	audience Audience
	key      uint64
	place    map[string]int
	alone    map[string]float64
	probe    shop.Service
}

// New tells journeys through the shop to an audience.
func New(story *shop.Shop, audience Audience) *Traffic {
	t := &Traffic{story: story, audience: audience, key: keyOf(story.Seed, audience.Tenant), place: map[string]int{}, alone: map[string]float64{}}
	for i, service := range story.Services() {
		t.place[service.Name], t.alone[service.Name] = i, alone(story, service)
	}
	t.probe = shop.Service{Name: audience.ProbeService(), Version: "v1.0.0", Instances: 1, Latency: .001,
		Routes: []shop.Route{{Method: "GET", Path: "/", Share: 1}}}
	return t
}

// alone is the median time of a service without that of those it waits for, in
// seconds.
func alone(story *shop.Shop, service shop.Service) float64 {
	rest := service.Latency
	for _, e := range story.Called(service.Name) {
		if callee, ok := story.Service(e.To); ok && !e.Async {
			rest -= e.Calls * callee.Latency
		}
	}
	return max(rest, service.Latency/5)
}

// Audience is who listens.
func (t *Traffic) Audience() Audience { return t.audience }

// Slots visits every slot that has something to tell of the time from (incl.)
// to (excl.), also those before it whose journeys may last into it.
func (t *Traffic) Slots(from, to time.Time, visit func(*View)) {
	begin := from.Add(-Longest)
	if begin.Before(t.story.Start) {
		begin = t.story.Start
	}
	for at := begin.Truncate(Slot); at.Before(to); at = at.Add(Slot) {
		if !at.Before(t.story.Start) {
			visit(t.view(at))
		}
	}
}

// Journeys visits the journeys that begin in the slot, in order.
func (v *View) Journeys(visit func(*Journey)) {
	source := rand.NewPCG(0, 0)
	w := walker{view: v, draw: rand.New(source)}
	n := v.count()
	for i := range n {
		at := v.Time.Add(time.Duration((float64(i) + v.fraction(uint64(i))) / float64(n) * float64(Slot)))
		source.Seed(v.traffic.key, v.number()<<16|uint64(i))
		visit(w.request(v.id(uint64(i)), v.steady(i, at)))
	}
	if v.probes() {
		source.Seed(v.traffic.key, v.number()<<16|0xffff)
		visit(w.check(v.id(0xffff), v.Time.Add(Slot/2)))
	}
}

// steady gives some journeys a whole millisecond, as coarse clocks do, so that
// rows share their time.
func (v *View) steady(i int, at time.Time) time.Time {
	if i%3 == 0 {
		return at.Truncate(100 * time.Millisecond)
	}
	return at
}

// count spreads the fraction of a journey over the slots.
func (v *View) count() int {
	return int(v.arrivals*Slot.Seconds()*v.traffic.audience.Share + v.fraction(1<<32))
}

func (v *View) probes() bool { return v.number()%uint64(v.traffic.audience.Probe) == 0 }

func (v *View) number() uint64 { return uint64(v.Time.UnixNano() / int64(Slot)) }

// fraction is a number in [0, 1) that only the slot and n decide.
func (v *View) fraction(n uint64) float64 {
	return float64(scramble(v.traffic.key^scramble(v.number()^scramble(n)))>>11) / (1 << 53)
}

func (v *View) id(n uint64) (id [16]byte) {
	binary.BigEndian.PutUint64(id[:8], scramble(v.traffic.key^scramble(v.number()<<16|n)))
	binary.BigEndian.PutUint64(id[8:], scramble(v.traffic.key+v.number()<<16|n))
	return id
}

func keyOf(seed uint64, tenant string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(tenant))
	return scramble(seed ^ h.Sum64())
}
