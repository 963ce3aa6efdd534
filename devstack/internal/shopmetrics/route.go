package shopmetrics

import (
	"math"
	"strings"

	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
)

// missing is the share of look-ups by id that find nothing.
const missing = .004

// route counts the answers of one HTTP route by status code.
type route struct {
	shop.Route
	codes []code
}

type code struct {
	labels string
	share  func(errors float64) float64
	count  float64
}

func newRoute(labels string, r shop.Route) *route {
	labels += `,method="` + r.Method + `",path="` + escape(r.Path) + `",code="`
	absent := 0.0
	if strings.Contains(r.Path, "{") {
		absent = missing
	}
	made := &route{Route: r, codes: []code{
		{labels: labels + `200"`, share: func(errors float64) float64 { return (1 - errors) * (1 - absent) }},
		{labels: labels + `500"`, share: func(errors float64) float64 { return errors }},
	}}
	if absent > 0 {
		made.codes = append(made.codes, code{labels: labels + `404"`, share: func(errors float64) float64 { return (1 - errors) * absent }})
	}
	return made
}

func (r *route) add(handled, errors float64) {
	for i := range r.codes {
		r.codes[i].count += handled * r.Share * r.codes[i].share(errors)
	}
}

func (r *route) reset() {
	for i := range r.codes {
		r.codes[i].count = 0
	}
}

func (r *route) emit(out emit) {
	for _, c := range r.codes {
		out(requests, c.labels, math.Floor(c.count))
	}
}
