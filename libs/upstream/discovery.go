package upstream

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// lookupTimeout bounds one lookup.
const lookupTimeout = 5 * time.Second

var errNoAddress = errors.New("dns names no usable address")

// discover looks the endpoints up again and again, each time at a slightly
// different moment so that replicas do not ask all at once.
func (p *Pool) discover(ctx context.Context) {
	if !p.cfg.Discovery.Enabled {
		return
	}
	every := p.cfg.Discovery.Refresh
	for {
		wait := every*9/10 + rand.N(every/5+1)
		if len(*p.endpoints.Load()) == 0 {
			wait = min(wait, time.Second)
		}
		if !sleep(ctx, wait) {
			return
		}
		p.refresh(ctx)
	}
}

// refresh keeps the last good set when the lookup fails or brings nothing.
func (p *Pool) refresh(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	urls, err := lookup(ctx, p.deps.Resolver, p.cfg.Discovery)
	p.metrics.lookup(err)
	if err != nil {
		p.deps.Log.Warn("endpoints not found, the last ones stay", "backend", p.cfg.Name, "error", err)
		return
	}
	p.set(urls)
}

// lookup gives the URLs that DNS names: sorted, without doubles and bounded.
func lookup(ctx context.Context, r Resolver, d Discovery) ([]string, error) {
	hosts, err := lookupHosts(ctx, r, d)
	if err != nil {
		return nil, fmt.Errorf("look up %s: %w", d.Service, err)
	}
	if len(hosts) == 0 {
		return nil, fmt.Errorf("look up %s: %w", d.Service, errNoAddress)
	}
	hosts = unique(hosts)
	for i, host := range hosts {
		hosts[i] = d.Scheme + "://" + host
	}
	return hosts[:min(len(hosts), d.MaxEndpoints)], nil
}

func lookupHosts(ctx context.Context, r Resolver, d Discovery) ([]string, error) {
	if d.UseSRV {
		return lookupSRV(ctx, r, d)
	}
	addrs, err := r.LookupNetIP(ctx, "ip", d.Service)
	var hosts []string
	for _, a := range addrs {
		if a = a.Unmap(); d.AllowLocal || !local(a) {
			hosts = append(hosts, netip.AddrPortFrom(a, uint16(d.Port)).String())
		}
	}
	return hosts, err
}

func lookupSRV(ctx context.Context, r Resolver, d Discovery) ([]string, error) {
	_, records, err := r.LookupSRV(ctx, "http", "tcp", d.Service)
	var hosts []string
	for _, rec := range records {
		target := strings.TrimSuffix(rec.Target, ".")
		if target == "" || rec.Port == 0 || (!d.AllowLocal && localName(target)) {
			continue
		}
		hosts = append(hosts, net.JoinHostPort(target, strconv.Itoa(int(rec.Port))))
	}
	return hosts, err
}

// localName refuses the obvious; what a name resolves to is checked at dial.
func localName(name string) bool {
	if a, err := netip.ParseAddr(name); err == nil {
		return local(a)
	}
	name = strings.ToLower(name)
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}

func unique(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}

// sleep is false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
