package upstream

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// fakeDNS answers what the test says.
type fakeDNS struct {
	addrs []netip.Addr
	srv   []*net.SRV
	err   error
}

func (d *fakeDNS) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return d.addrs, d.err
}

func (d *fakeDNS) LookupSRV(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
	if service != "http" || proto != "tcp" || name != "vm.local" {
		return "", nil, errors.New("wrong question")
	}
	return "", d.srv, d.err
}

func addrs(list ...string) []netip.Addr {
	var out []netip.Addr
	for _, a := range list {
		out = append(out, netip.MustParseAddr(a))
	}
	return out
}

func discovery() Discovery {
	return Discovery{Enabled: true, Service: "vm.local", Port: 8481, Scheme: "http", Refresh: time.Hour, MaxEndpoints: 3}
}

func TestLookup(t *testing.T) {
	srv := discovery()
	srv.UseSRV, srv.Scheme = true, "https"
	local := discovery()
	local.AllowLocal = true
	tests := []struct {
		name string
		d    Discovery
		dns  fakeDNS
		want []string
	}{
		{"sorted without doubles", discovery(), fakeDNS{addrs: addrs("10.0.0.2", "10.0.0.1", "10.0.0.2")},
			[]string{"http://10.0.0.1:8481", "http://10.0.0.2:8481"}},
		{"mapped and brackets", discovery(), fakeDNS{addrs: addrs("::ffff:10.0.0.1", "2001:db8::1")},
			[]string{"http://10.0.0.1:8481", "http://[2001:db8::1]:8481"}},
		{"bounded", discovery(), fakeDNS{addrs: addrs("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4")},
			[]string{"http://10.0.0.1:8481", "http://10.0.0.2:8481", "http://10.0.0.3:8481"}},
		{"local refused", discovery(), fakeDNS{addrs: addrs("127.0.0.1", "::1", "169.254.169.254", "fe80::1", "0.0.0.0", "::ffff:127.0.0.1", "224.0.0.1", "10.0.0.1")},
			[]string{"http://10.0.0.1:8481"}},
		{"only local", discovery(), fakeDNS{addrs: addrs("127.0.0.1")}, nil},
		{"local allowed", local, fakeDNS{addrs: addrs("127.0.0.1")}, []string{"http://127.0.0.1:8481"}},
		{"empty", discovery(), fakeDNS{}, nil},
		{"error", discovery(), fakeDNS{err: errors.New("servfail")}, nil},
		{"srv", srv, fakeDNS{srv: []*net.SRV{{Target: "b.vm.", Port: 2}, {Target: "a.vm.", Port: 1}, {Target: "localhost.", Port: 3},
			{Target: "127.0.0.1", Port: 4}, {Target: ".", Port: 5}, {Target: "c.vm.", Port: 0}}},
			[]string{"https://a.vm:1", "https://b.vm:2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := lookup(t.Context(), &tt.dns, tt.d)
			if !reflect.DeepEqual(got, tt.want) || (err == nil) != (tt.want != nil) {
				t.Errorf("found %v, %v; want %v", got, err, tt.want)
			}
		})
	}
}

func discovered(t *testing.T, dns *fakeDNS, d Discovery) *Pool {
	t.Helper()
	cfg := config()
	cfg.Discovery = d
	p, err := New(t.Context(), cfg, Deps{Log: quiet(), Resolver: dns})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func keys(p *Pool) string {
	var out []string
	for _, s := range p.Endpoints() {
		out = append(out, s.Endpoint)
	}
	return strings.Join(out, " ")
}

func TestLastGoodSetStays(t *testing.T) {
	dns := &fakeDNS{addrs: addrs("10.0.0.1", "10.0.0.2")}
	p := discovered(t, dns, discovery())
	kept := (*p.endpoints.Load())[1]
	for _, bad := range []fakeDNS{{}, {err: errors.New("servfail")}, {addrs: addrs("127.0.0.1")}} {
		*dns = bad
		p.refresh(t.Context())
		if got := keys(p); got != "10.0.0.1:8481 10.0.0.2:8481" {
			t.Fatalf("endpoints %q after a bad answer", got)
		}
	}
	*dns = fakeDNS{addrs: addrs("10.0.0.3", "10.0.0.2")}
	p.refresh(t.Context())
	if got := keys(p); got != "10.0.0.2:8481 10.0.0.3:8481" {
		t.Errorf("endpoints %q after a change", got)
	}
	if (*p.endpoints.Load())[0] != kept {
		t.Error("an endpoint that stays lost its state")
	}
}

func TestDiscoveryFollowsDNS(t *testing.T) {
	dns := &fakeDNS{err: errors.New("not yet")}
	p := discovered(t, dns, discovery())
	if _, err := p.Do(t.Context(), get); fault.From(err).Code != fault.CodeBackendDown {
		t.Errorf("call without endpoints: %v", err)
	}
	if p.Check(t.Context()) == nil {
		t.Error("ready without endpoints")
	}
	*dns = fakeDNS{addrs: addrs("10.0.0.1")}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	eventually(t, "the endpoint is found", func() bool { return keys(p) == "10.0.0.1:8481" })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestNameThatLeadsHereIsNotDialled(t *testing.T) {
	srv := backend(t, says("secret"))
	_, port, _ := net.SplitHostPort(hostOf(srv))
	d := discovery()
	p := discovered(t, &fakeDNS{addrs: addrs("10.0.0.1")}, d)
	p.set([]string{"http://127.0.0.1:" + port})
	_, err := call(t.Context(), p, get)
	wantFault(t, err, fault.CodeBackendDown)
	if !errors.Is(err, errLocalAddress) {
		t.Errorf("error %v", err)
	}
}
