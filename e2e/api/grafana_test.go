package api

import (
	"net/url"
	"strconv"
	"testing"
	"time"
)

// TestGrafana asks what Grafana's Prometheus data source asks, in its forms.
func TestGrafana(t *testing.T) {
	now := time.Now()
	window := url.Values{"start": {strconv.FormatInt(now.Add(-time.Hour).Unix(), 10)}, "end": {strconv.FormatInt(now.Unix(), 10)}}
	with := func(pairs ...string) url.Values {
		v := url.Values{}
		for name, values := range window {
			v[name] = values
		}
		for i := 0; i < len(pairs); i += 2 {
			v.Add(pairs[i], pairs[i+1])
		}
		return v
	}
	const base = "/prometheus/api/v1/"
	matrix := viewer.Form(t, base+"query_range", with("query", "sum(rate(http_requests_total[1m]))", "step", "15")).Want(t, 200)
	if points, _ := matrix.At("data", "result", 0, "values").([]any); len(points) < 100 {
		t.Errorf("query_range: %.300s", matrix.Body)
	}
	if matrix.At("metadata") != nil || matrix.At("definitions") != nil {
		t.Error("the compatible prefix carries members that Prometheus does not know")
	}
	lists := map[string]string{
		"labels?" + with("match[]", "up").Encode():                "instance",
		"label/service/values?" + with().Encode():                 "frontend",
		"label/__name__/values?" + with("match[]", "up").Encode(): "up",
	}
	for path, want := range lists {
		list, _ := viewer.Get(t, base+path).Want(t, 200).At("data").([]any)
		found := false
		for _, item := range list {
			found = found || item == want
		}
		if !found {
			t.Errorf("%s lacks %q: %v", path, want, list)
		}
	}
	series := viewer.Form(t, base+"series", with("match[]", `up{service="cart"}`)).Want(t, 200)
	if series.At("data", 0, "service") != "cart" {
		t.Errorf("series: %.300s", series.Body)
	}
	if viewer.Get(t, base+"metadata?metric=http_requests_total").Want(t, 200).At("data", "http_requests_total", 0, "type") != "counter" {
		t.Error("metadata has no type")
	}
	if viewer.Get(t, base+"status/buildinfo").Want(t, 200).At("data", "version") == nil {
		t.Error("buildinfo has no version")
	}
}

func TestPrometheusErrorsKeepTheirShape(t *testing.T) {
	a := viewer.Get(t, "/prometheus/api/v1/query?query=sum(up").Want(t, 400)
	if a.At("status") != "error" || a.At("errorType") == nil || a.At("error") == nil {
		t.Errorf("%s", a.Body)
	}
}
