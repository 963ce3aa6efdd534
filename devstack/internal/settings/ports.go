package settings

import (
	"errors"
	"fmt"
	"net"
	"strconv"
)

// Part is something that listens.
type Part string

// The parts of the stack that listen, each on loopback only.
const (
	Gateway        Part = "gateway"
	GatewayMetrics Part = "gateway metrics"
	Query          Part = "query"
	QueryMetrics   Part = "query metrics"
	Logs           Part = "logs"
	LogsMetrics    Part = "logs metrics"
	Traces         Part = "traces"
	TracesMetrics  Part = "traces metrics"
	Schema         Part = "schema"
	SchemaMetrics  Part = "schema metrics"
	NATS           Part = "NATS"
	Valkey         Part = "Valkey"
	Metrics        Part = "metrics back end"
	LogStore       Part = "logs back end"
	TraceStore     Part = "traces back end"
)

// Port is where a part listens and which variable changes it.
type Port struct {
	Part     Part
	Variable string
	Number   int
}

// Ports are the ports of all parts.
type Ports []Port

// Of returns the port of a part, 0 when it has none.
func (p Ports) Of(part Part) int {
	for _, port := range p {
		if port.Part == part {
			return port.Number
		}
	}
	return 0
}

// Addr is host:port of a part.
func (p Ports) Addr(part Part) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.Of(part)))
}

// above is the distance between a service's port and that of its metrics.
const above = 1000

func (r *reader) ports() Ports {
	var ports Ports
	for _, service := range []struct {
		part, metrics     Part
		variable, another string
		number            int64
	}{
		{Gateway, GatewayMetrics, "PORT", "GATEWAY_METRICS_PORT", 8080},
		{Query, QueryMetrics, "QUERY_PORT", "QUERY_METRICS_PORT", 9101},
		{Logs, LogsMetrics, "LOGS_PORT", "LOGS_METRICS_PORT", 9102},
		{Traces, TracesMetrics, "TRACES_PORT", "TRACES_METRICS_PORT", 9103},
		{Schema, SchemaMetrics, "SCHEMA_PORT", "SCHEMA_METRICS_PORT", 9104},
	} {
		main := r.port(service.part, service.variable, service.number)
		next := int64(main.Number + above)
		if main.Number == 0 || next > 65535 {
			next = 0
		}
		ports = append(ports, main, r.port(service.metrics, service.another, next))
	}
	return append(ports,
		r.port(NATS, "DEVSTACK_NATS_PORT", 14222),
		r.port(Valkey, "DEVSTACK_VALKEY_PORT", 16379),
		r.port(Metrics, "DEVSTACK_METRICS_PORT", 18428),
		r.port(LogStore, "DEVSTACK_LOGS_PORT", 19428),
		r.port(TraceStore, "DEVSTACK_TRACES_PORT", 20428))
}

// port reads one port; DEVSTACK_FREE_PORTS=1 makes every one not given free.
func (r *reader) port(part Part, variable string, otherwise int64) Port {
	if r.text("DEVSTACK_FREE_PORTS", "") == "1" {
		otherwise = 0
	}
	return Port{Part: part, Variable: variable, Number: int(r.number(variable, otherwise, 0, 65535))}
}

// Free gives every port 0 a number that nobody uses now.
func (p Ports) Free() (Ports, error) {
	free := append(Ports(nil), p...)
	var kept []net.Listener
	defer func() {
		for _, l := range kept {
			_ = l.Close()
		}
	}()
	for i := range free {
		if free[i].Number != 0 {
			continue
		}
		// Kept open until all are chosen, so that no number is given twice.
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a free port for %s: %w", free[i].Part, err)
		}
		kept = append(kept, l)
		free[i].Number = l.Addr().(*net.TCPAddr).Port
	}
	return free, nil
}

// Check names every port that somebody else has, among those of the parts that
// are to be started.
func (p Ports) Check(started func(Part) bool) error {
	var faults []error
	for _, port := range p {
		if !started(port.Part) {
			continue
		}
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port.Number)))
		if err != nil {
			faults = append(faults, fmt.Errorf("port %d (%s) is taken; choose another with %s=<port>, or 0 for a free one", port.Number, port.Part, port.Variable))
			continue
		}
		_ = l.Close()
	}
	return errors.Join(faults...)
}
