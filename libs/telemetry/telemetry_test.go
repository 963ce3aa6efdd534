package telemetry

import (
	"slices"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func gather(t *testing.T, tel *Telemetry) map[string]*dto.MetricFamily {
	t.Helper()
	families, err := tel.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]*dto.MetricFamily{}
	for _, f := range families {
		byName[f.GetName()] = f
	}
	return byName
}

func labels(m *dto.Metric) map[string]string {
	out := map[string]string{}
	for _, l := range m.Label {
		out[l.GetName()] = l.GetValue()
	}
	return out
}

// exercise sets every metric once.
func exercise(tel *Telemetry) {
	tel.SetTenants([]string{"demo"})
	tel.HTTP("GET", "/api/v1/labels", "200", "demo", time.Millisecond)
	tel.GRPC("mirador.query.v1.QueryService", "Labels", "OK", time.Millisecond)
	tel.Cache("get", "hit", time.Millisecond)
	tel.Query("metricsql", "demo", time.Millisecond)
	tel.Sessions("demo", 3)
	tel.ConfigReload(nil)
}

func TestMetricsOfTheContract(t *testing.T) {
	tests := []struct {
		name    string
		kind    dto.MetricType
		labels  []string
		buckets []float64
	}{
		{"http_requests_total", dto.MetricType_COUNTER, []string{"endpoint", "method", "status_code", "tenant_id"}, nil},
		{"http_request_duration_seconds", dto.MetricType_HISTOGRAM, []string{"endpoint", "method", "tenant_id"},
			[]float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}},
		{"grpc_requests_total", dto.MetricType_COUNTER, []string{"method", "service", "status"}, nil},
		{"grpc_request_duration_seconds", dto.MetricType_HISTOGRAM, []string{"method", "service"},
			[]float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}},
		{"cache_requests_total", dto.MetricType_COUNTER, []string{"operation", "result"}, nil},
		{"cache_request_duration_seconds", dto.MetricType_HISTOGRAM, []string{"operation"}, []float64{.001, .005, .01, .05, .1, .5, 1}},
		{"sessions_active", dto.MetricType_GAUGE, []string{"tenant_id"}, nil},
		{"query_execution_duration_seconds", dto.MetricType_HISTOGRAM, []string{"query_type", "tenant_id"}, []float64{.1, .5, 1, 2, 5, 10, 30}},
		{"config_reloads_total", dto.MetricType_COUNTER, []string{"status"}, nil},
		{"config_validation_errors_total", dto.MetricType_COUNTER, nil, nil},
		{"build_info", dto.MetricType_GAUGE, []string{"component", "go_version", "version"}, nil},
	}
	tel := New("query", "v1")
	exercise(tel)
	families := gather(t, tel)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := families["mirador_core_"+tt.name]
			if f == nil || len(f.Metric) != 1 || f.GetType() != tt.kind {
				t.Fatalf("got %v", f)
			}
			var names []string
			for name := range labels(f.Metric[0]) {
				names = append(names, name)
			}
			slices.Sort(names)
			if !slices.Equal(names, tt.labels) {
				t.Errorf("labels %v, want %v", names, tt.labels)
			}
			var bounds []float64
			for _, b := range f.Metric[0].GetHistogram().GetBucket() {
				bounds = append(bounds, b.GetUpperBound())
			}
			if !slices.Equal(bounds, tt.buckets) {
				t.Errorf("buckets %v, want %v", bounds, tt.buckets)
			}
		})
	}
	if families["go_goroutines"] == nil || families["process_open_fds"] == nil {
		t.Error("no runtime or process metrics")
	}
	if info := labels(families["mirador_core_build_info"].Metric[0]); info["component"] != "mirador-core" || info["version"] != "v1" {
		t.Errorf("build info %v", info)
	}
}

func TestUnknownTenantsAndMethodsAreNoLabels(t *testing.T) {
	tel := New("gateway", "v1")
	tel.HTTP("GET", "/x", "200", "early", time.Millisecond)
	tel.SetTenants([]string{"demo"})
	for _, tenant := range []string{"", "demo", "random-1", "random-2"} {
		tel.HTTP("BREW", "/x", "405", tenant, time.Millisecond)
	}
	var got []string
	for _, m := range gather(t, tel)["mirador_core_http_requests_total"].Metric {
		l := labels(m)
		got = append(got, l["method"]+" "+l["tenant_id"])
	}
	slices.Sort(got)
	if want := []string{"GET unknown", "other demo", "other unknown"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestConfigReload(t *testing.T) {
	tel := New("query", "v1")
	tel.ConfigReload(nil)
	tel.ConfigReload(errBroken)
	got := map[string]float64{}
	for _, m := range gather(t, tel)["mirador_core_config_reloads_total"].Metric {
		got[labels(m)["status"]] = m.GetCounter().GetValue()
	}
	if got["success"] != 1 || got["error"] != 1 || gather(t, tel)["mirador_core_config_validation_errors_total"].Metric[0].GetCounter().GetValue() != 1 {
		t.Errorf("got %v", got)
	}
}

func TestRequestIDs(t *testing.T) {
	a, b := NewRequestID(), NewRequestID()
	if a == b || !ValidRequestID(a) {
		t.Errorf("got %q, %q", a, b)
	}
	for id, valid := range map[string]bool{
		"abcdefgh": true, "A.b_c-9012": true, "short": false, "": false, "with space": false, "line\nbreak": false, "ünicode-id": false,
		string(make([]byte, 129)): false,
	} {
		if ValidRequestID(id) != valid {
			t.Errorf("%q: want %v", id, valid)
		}
	}
}

func BenchmarkRecord(b *testing.B) {
	tel := New("query", "v1")
	tel.SetTenants([]string{"demo"})
	b.ReportAllocs()
	for b.Loop() {
		tel.HTTP("GET", "/api/v1/query", "200", "demo", time.Millisecond)
		tel.GRPC("mirador.query.v1.QueryService", "Instant", "OK", time.Millisecond)
	}
}
