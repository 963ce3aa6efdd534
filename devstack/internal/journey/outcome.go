package journey

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
)

// plan draws which calls a route makes.
func (w *walker) plan(s *State, route shop.Route) []shop.Edge {
	var plan []shop.Edge
	for _, e := range w.view.traffic.story.Called(s.Service.Name) {
		for range w.times(e, route) {
			plan = append(plan, e)
		}
	}
	return plan
}

// times is how often a call is made: only an order is checked out.
func (w *walker) times(e shop.Edge, route shop.Route) int {
	if e.To == "checkout" {
		if route.Path == "/checkout" {
			return 1
		}
		return 0
	}
	return int(e.Calls + w.draw.Float64())
}

func (w *walker) route(service shop.Service) shop.Route {
	left := w.draw.Float64()
	for _, route := range service.Routes {
		if left -= route.Share; left < 0 {
			return route
		}
	}
	if len(service.Routes) > 0 {
		return service.Routes[len(service.Routes)-1]
	}
	return w.statement(service)
}

// statement is what a database or cache is asked for.
func (w *walker) statement(service shop.Service) shop.Route {
	asked := []string{"SELECT products", "SELECT products", "SELECT users", "UPDATE stock", "INSERT orders"}
	if service.Role == shop.Cache {
		asked = []string{"HGETALL cart", "HGETALL cart", "HSET cart", "EXPIRE cart"}
	}
	verb, rest, _ := strings.Cut(asked[w.draw.IntN(len(asked))], " ")
	return shop.Route{Method: verb, Path: rest}
}

// refuse is a call that nobody took.
func (w *walker) refuse(n int) {
	c := &w.made.Calls[n]
	c.Instance, c.Blame, c.Status = -1, c.Service.Name, http.StatusServiceUnavailable
	c.End = c.Start.Add(refusal)
}

func (w *walker) finish(n int, at time.Time) { w.made.Calls[n].End = at }

// judge sets how the n-th call ended by its service's own doing.
func (w *walker) judge(n int, failing bool) {
	c := &w.made.Calls[n]
	switch {
	case c.Failed():
	case failing:
		c.Blame, c.Status = c.Service.Name, http.StatusInternalServerError
	case strings.Contains(c.Route.Path, "{") && w.draw.Float64() < absent:
		c.Status = http.StatusNotFound
	}
}

// join lets a failed call fail its caller.
func (w *walker) join(caller, called int) {
	if failed := &w.made.Calls[called]; failed.Failed() {
		w.made.Calls[caller].Blame = failed.Blame
		w.made.Calls[caller].Status = http.StatusInternalServerError
	}
}

// back is the way of the answer to the caller.
func (w *walker) back(n int) {
	c := &w.made.Calls[n]
	c.Received = c.End.Add(w.time(hop))
}

// fill puts an id into a route.
func fill(path string, number uint64) string {
	before, after, found := strings.Cut(path, "{id}")
	if !found {
		return path
	}
	return before + strconv.FormatUint(1000+number%9000, 10) + after
}
