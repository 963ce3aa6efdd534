package shopmetrics

import (
	"math"
	"strconv"
)

// spread is the sigma of the log-normal distribution of answer times.
const spread = .55

// bounds are the upper ends of the buckets in seconds.
func bounds() [11]float64 {
	return [11]float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
}

// histogram counts answers by duration; counts are kept as fractions and
// rounded down when shown, so that slow routes do not lose them.
type histogram struct {
	labels  [12]string
	buckets [12]float64 // cumulative; the last one is +Inf
	sum     float64
}

func (h *histogram) label(base string) {
	for i, bound := range bounds() {
		h.labels[i] = base + `,le="` + strconv.FormatFloat(bound, 'g', -1, 64) + `"`
	}
	h.labels[len(h.labels)-1] = base + `,le="+Inf"`
}

func (h *histogram) add(handled, median float64) {
	for i, bound := range bounds() {
		h.buckets[i] += handled * below(bound, median)
	}
	h.buckets[len(h.buckets)-1] += handled
	h.sum += handled * median * math.Exp(spread*spread/2)
}

// below is the share of answers that take less than bound.
func below(bound, median float64) float64 {
	return .5 * math.Erfc(-math.Log(bound/median)/(spread*math.Sqrt2))
}

func (h *histogram) reset() {
	h.buckets = [12]float64{}
	h.sum = 0
}

func (h *histogram) emit(base string, out emit) {
	for i, labels := range h.labels {
		out(duration+"_bucket", labels, math.Floor(h.buckets[i]))
	}
	out(duration+"_count", base, math.Floor(h.buckets[len(h.buckets)-1]))
	out(duration+"_sum", base, h.sum)
}
