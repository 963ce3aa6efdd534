// Package dataset writes the series that the bench queries: the same values in
// every run, so that runs compare.
package dataset

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

const (
	// Series written: half counters, half gauges.
	Series = 2000
	// Step between samples.
	Step = 15 * time.Second
	// Span of history.
	Span = 12 * time.Hour
	// batchBytes bounds one import request.
	batchBytes = 4 << 20
)

// Counter and Gauge are the two metric names.
const (
	Counter = "bench_requests_total"
	Gauge   = "bench_resident_bytes"
)

// Write imports the series as JSON lines; url is the whole import address. The
// last sample lies at end.
func Write(url string, end time.Time) error {
	rng := rand.New(rand.NewPCG(1, 2))
	var batch bytes.Buffer
	for i := range Series {
		appendSeries(&batch, i, end, rng)
		if batch.Len() > batchBytes || i == Series-1 {
			if err := send(url, &batch); err != nil {
				return err
			}
			batch.Reset()
		}
	}
	return nil
}

// appendSeries writes one line: 20 services of 10 pods, each with 5 routes for
// either metric, so that two services make 100 counters, and one route of one
// service 10.
func appendSeries(w *bytes.Buffer, i int, end time.Time, rng *rand.Rand) {
	name := Counter
	if i%2 == 1 {
		name = Gauge
	}
	k := i / 2
	fmt.Fprintf(w, `{"metric":{"__name__":%q,"job":"bench","service":"service-%02d","pod":"service-%02d-%d","route":"/api/resource/%d"},"values":[`,
		name, k%20, k%20, k/20%10, k/200)
	n := int(Span / Step)
	value, phase := float64(rng.IntN(1000)), rng.Float64()*2*math.Pi
	for j := range n {
		if j > 0 {
			w.WriteByte(',')
		}
		if name == Counter {
			value += math.Round(50 + 40*math.Sin(phase+float64(j)/120) + 20*rng.Float64())
			w.Write(strconv.AppendFloat(w.AvailableBuffer(), value, 'f', 0, 64))
		} else {
			gauge := math.Round(2e8 + 5e7*math.Sin(phase+float64(j)/200) + 1e6*rng.Float64())
			w.Write(strconv.AppendFloat(w.AvailableBuffer(), gauge, 'f', 0, 64))
		}
	}
	w.WriteString(`],"timestamps":[`)
	first := end.Add(-Step * time.Duration(n-1)).UnixMilli()
	for j := range n {
		if j > 0 {
			w.WriteByte(',')
		}
		w.Write(strconv.AppendInt(w.AvailableBuffer(), first+int64(j)*Step.Milliseconds(), 10))
	}
	w.WriteString("]}\n")
}

func send(url string, body io.Reader) error {
	client := http.Client{Timeout: time.Minute}
	resp, err := client.Post(url, "application/json", body)
	if err != nil {
		return fmt.Errorf("import bench series: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 512))
		return fmt.Errorf("import bench series: %s: %s", resp.Status, text)
	}
	return nil
}
