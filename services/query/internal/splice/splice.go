// Package splice reads a Prometheus-shaped answer as it streams past and
// tells where its `data` lies, without decoding it: the bytes of data are
// handed on unchanged, the small members around it are kept, series and
// points are counted, and the grammar of JSON is checked to the last byte. It
// knows nothing of HTTP, gRPC or the public body.
package splice

import "errors"

// Faults that Feed and Close return, wrapped with more detail.
var (
	// ErrMalformed says that the bytes are not JSON or not a Prometheus answer.
	ErrMalformed = errors.New("malformed answer")
	// ErrTruncated says that the bytes end before the answer does.
	ErrTruncated = errors.New("truncated answer")
)

// StatusError is an answer whose status is not "success".
type StatusError struct {
	// Status as the back end gave it.
	Status string
	// Type and Message are the back end's errorType and error.
	Type, Message string
}

// Error gives type and message of the back end.
func (e *StatusError) Error() string {
	return "answer with status " + e.Status + ": " + e.Type + ": " + e.Message
}

// Limits bound what a Scanner keeps. Zero members mean the default.
type Limits struct {
	// Series whose labels are sampled; negative samples none. Default 1,000.
	Series int
	// Metrics that the sample may hold. Default 100.
	Metrics int
	// Labels that the sample may hold per metric. Default 64.
	Labels int
	// SampleBytes of all names and labels together. Default 64 KiB.
	SampleBytes int
	// MemberBytes of one member beside status and data. Default 64 KiB.
	MemberBytes int
}

func (l Limits) withDefaults() Limits {
	def := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	def(&l.Series, 1000)
	def(&l.Metrics, 100)
	def(&l.Labels, 64)
	def(&l.SampleBytes, 64<<10)
	def(&l.MemberBytes, 64<<10)
	return l
}

// Metric is what the sample knows of one metric name.
type Metric struct {
	// Name is the value of __name__; empty for series without one.
	Name string
	// Labels are the keys seen beside __name__, in order of appearance.
	Labels []string
}

// Member is a top-level member that is neither status nor data.
type Member struct {
	// Name of the member, decoded.
	Name string
	// Value is its raw JSON.
	Value []byte
}

// Facts are what a Scanner has learned so far; they are final after Close.
type Facts struct {
	// ResultType is data.resultType, empty for listings.
	ResultType string
	// Series counts the objects of data.result.
	Series int
	// Points counts the samples of all series, histograms included.
	Points int
	// Elements counts the elements of data when it is an array, or its members
	// when it is an object.
	Elements int
	// Sample holds the metrics of the first series in order of appearance.
	Sample []Metric
	// Members beside status and data that fit into the limits.
	Members []Member
	// Dropped names members that were too large to keep.
	Dropped []string
}

// Member returns the raw value of the named top-level member, or nil.
func (f Facts) Member(name string) []byte {
	for _, m := range f.Members {
		if m.Name == name {
			return m.Value
		}
	}
	return nil
}

// Partial tells whether the back end said that the answer is incomplete.
func (f Facts) Partial() bool { return string(f.Member("isPartial")) == "true" }
