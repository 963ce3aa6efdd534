package settings

import (
	"net"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func read(t *testing.T, env map[string]string) Settings {
	t.Helper()
	s, err := Read(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDefaultPortsLieBelowTheEphemeralRange(t *testing.T) {
	seen := map[int]Part{}
	for _, port := range read(t, nil).Ports {
		if port.Number <= 0 || port.Number >= 32768 {
			t.Errorf("%s has port %d, want 1 to 32767", port.Part, port.Number)
		}
		if other, ok := seen[port.Number]; ok {
			t.Errorf("%s and %s share port %d", port.Part, other, port.Number)
		}
		seen[port.Number] = port.Part
	}
}

func TestPortsFollowTheEnvironment(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		part Part
		want int
	}{
		{"given", map[string]string{"PORT": "8085"}, Gateway, 8085},
		{"metrics follow", map[string]string{"PORT": "8085"}, GatewayMetrics, 9085},
		{"metrics given", map[string]string{"PORT": "8085", "GATEWAY_METRICS_PORT": "7000"}, GatewayMetrics, 7000},
		{"too high to follow", map[string]string{"QUERY_PORT": "65000"}, QueryMetrics, 0},
		{"free", map[string]string{"DEVSTACK_FREE_PORTS": "1"}, NATS, 0},
		{"free but one", map[string]string{"DEVSTACK_FREE_PORTS": "1", "PORT": "8090"}, Gateway, 8090},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := read(t, tt.env).Ports.Of(tt.part); got != tt.want {
				t.Errorf("port of %s is %d, want %d", tt.part, got, tt.want)
			}
		})
	}
}

func TestReadNamesEveryFault(t *testing.T) {
	env := map[string]string{"PORT": "http", "DEMO_SEED": "-1", "DEMO_HOURS": "9999"}
	_, err := Read(func(name string) string { return env[name] })
	if err == nil {
		t.Fatal("three wrong values were accepted")
	}
	for name := range env {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("error %q does not name %s", err, name)
		}
	}
}

func TestFreePortsDiffer(t *testing.T) {
	ports, err := read(t, map[string]string{"DEVSTACK_FREE_PORTS": "1"}).Ports.Free()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, port := range ports {
		if port.Number == 0 || seen[port.Number] {
			t.Errorf("%s got port %d, want one of its own", port.Part, port.Number)
		}
		seen[port.Number] = true
	}
}

func TestCheckNamesPortPartAndVariable(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	number := strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)
	s := read(t, map[string]string{"DEVSTACK_FREE_PORTS": "1", "DEVSTACK_VALKEY_PORT": number})
	err = s.Ports.Check(s.Starts)
	if err == nil {
		t.Fatal("a taken port was accepted")
	}
	for _, word := range []string{number, "Valkey", "DEVSTACK_VALKEY_PORT"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %q does not name %s", err, word)
		}
	}
	s.Given.Valkey = []string{"cache:6379"}
	if err := s.Ports.Check(s.Starts); err != nil {
		t.Errorf("the port of a part that is not started matters: %v", err)
	}
}

func TestGivenBackEndsAreNotStarted(t *testing.T) {
	s := read(t, map[string]string{"VM_ENDPOINTS": "http://vm1:8481, http://vm2:8481,", "VALLEY_CACHE_NODES": "cache:6379", "NATS_URL": "nats://bus:4222",
		"VL_ENDPOINTS": "http://vl:9428", "VT_ENDPOINTS": "http://vt:10428"})
	want := Given{Metrics: []string{"http://vm1:8481", "http://vm2:8481"}, Valkey: []string{"cache:6379"}, NATS: []string{"nats://bus:4222"},
		Logs: []string{"http://vl:9428"}, Traces: []string{"http://vt:10428"}}
	if !reflect.DeepEqual(s.Given, want) {
		t.Errorf("given %+v, want %+v", s.Given, want)
	}
	for _, part := range []Part{Metrics, LogStore, TraceStore, Valkey, NATS} {
		if s.Starts(part) {
			t.Errorf("%s is given and would be started", part)
		}
	}
	if !s.Starts(Gateway) {
		t.Error("the gateway would not be started")
	}
}

func TestDemoWritesOnlyWhereItMay(t *testing.T) {
	tests := []struct {
		name, endpoint, write string
		want                  bool
	}{
		{"own", "", "", true},
		{"this machine", "http://127.0.0.1:8428", "", true},
		{"this machine by name", "http://localhost:8428", "", true},
		{"this machine by IPv6", "http://[::1]:8428", "", true},
		{"elsewhere", "http://vm.example:8428", "", false},
		{"looks like this machine", "http://127.0.0.1.example:8428", "", false},
		{"elsewhere, allowed", "http://vm.example:8428", "1", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for part, variable := range map[Part]string{Metrics: "VM_ENDPOINTS", LogStore: "VL_ENDPOINTS", TraceStore: "VT_ENDPOINTS"} {
				s := read(t, map[string]string{variable: tt.endpoint, "DEMO_WRITE": tt.write})
				if got := s.MayWrite(part); got != tt.want {
					t.Errorf("may write to %s: %v, want %v", part, got, tt.want)
				}
			}
		})
	}
}

func TestDemoWritesToTheInsertEndpoint(t *testing.T) {
	s := read(t, map[string]string{"VM_ENDPOINTS": "http://127.0.0.1:8481", "VM_INSERT_ENDPOINT": "http://vm.example:8480"})
	if s.WriteTo(Metrics) != "http://vm.example:8480" || s.MayWrite(Metrics) {
		t.Errorf("writes to %s (allowed: %v), want the insert endpoint, which is not allowed", s.WriteTo(Metrics), s.MayWrite(Metrics))
	}
}

func TestDemoSettings(t *testing.T) {
	s := read(t, map[string]string{"DEMO_SEED": "7", "DEMO_HOURS": "1", "DEMO_LOG_ROWS": "2000000"})
	if s.Seed != 7 || s.History != time.Hour || s.BulkRows != 2_000_000 {
		t.Errorf("seed %d, history %v, %d bulk rows, want 7, 1h and two million", s.Seed, s.History, s.BulkRows)
	}
}
