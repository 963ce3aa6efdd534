package shop

import "time"

// Edge is one call in the graph: a request to From makes Calls requests to To.
// An asynchronous call goes through To's queue, so From does not wait for it.
type Edge struct {
	From, To string
	Calls    float64
	Async    bool
}

func calls() []Edge {
	return []Edge{
		{From: "frontend", To: "catalogue", Calls: .8},
		{From: "frontend", To: "recommendation", Calls: .4},
		{From: "frontend", To: "cart", Calls: .5},
		{From: "frontend", To: "users", Calls: .25},
		{From: "frontend", To: "checkout", Calls: .08},
		{From: "checkout", To: "cart", Calls: 1},
		{From: "checkout", To: "payment", Calls: 1},
		{From: "checkout", To: "shipping", Calls: 1},
		{From: "checkout", To: "orders", Calls: 1, Async: true},
		{From: "recommendation", To: "catalogue", Calls: 1},
		{From: "orders", To: "notifications", Calls: 1, Async: true},
		{From: "orders", To: "shop-db", Calls: 3},
		{From: "catalogue", To: "shop-db", Calls: 1.2},
		{From: "users", To: "shop-db", Calls: 1},
		{From: "cart", To: "cart-cache", Calls: 2},
	}
}

// lag is how long trouble in the called service takes to show in the caller:
// pools fill up and time-outs run before anybody notices.
func lag(seed uint64, e Edge) time.Duration {
	span := fraction(seed, text(e.From), text(e.To))
	return 10*time.Second + time.Duration(span*float64(35*time.Second))
}

// Callers lists the edges that end in the named service.
func (s *Shop) Callers(name string) []Edge {
	var found []Edge
	for _, e := range s.edges {
		if e.To == name {
			found = append(found, e)
		}
	}
	return found
}

// Called lists the edges that begin in the named service.
func (s *Shop) Called(name string) []Edge { return s.called[name] }
