package victoriametrics

import (
	"fmt"
	"sync"
)

// Mode says how the back end keeps tenants apart.
type Mode string

// The modes. Auto asks each endpoint and remembers what it is.
const (
	Auto    Mode = "auto"
	Cluster Mode = "cluster"
	Single  Mode = "single"
)

// Validate refuses an unknown mode.
func (m Mode) Validate() error {
	switch m {
	case Auto, Cluster, Single:
		return nil
	}
	return fmt.Errorf("mode: %q is not auto, cluster or single", string(m))
}

// other mode to try when an endpoint does not know the path of this one.
func (m Mode) other() Mode {
	if m == Cluster {
		return Single
	}
	return Cluster
}

// maxModes bounds the endpoints remembered: discovery may bring new ones for
// as long as the process runs.
const maxModes = 1024

// modes remembers what endpoints are.
type modes struct {
	fixed Mode

	mu    sync.RWMutex
	known map[string]Mode
	last  Mode
}

func newModes(fixed Mode) *modes {
	return &modes{fixed: fixed, known: map[string]Mode{}, last: Cluster}
}

// of an endpoint: the cluster's way is tried first on one that is not known.
func (m *modes) of(endpoint string) Mode {
	if m.fixed != Auto {
		return m.fixed
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	if mode, ok := m.known[endpoint]; ok {
		return mode
	}
	return Cluster
}

// may tells whether an endpoint may turn out to be of the other mode.
func (m *modes) may() bool { return m.fixed == Auto }

func (m *modes) learn(endpoint string, mode Mode) {
	if m.of(endpoint) == mode && m.has(endpoint) || m.fixed != Auto {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.known) >= maxModes {
		clear(m.known)
	}
	m.known[endpoint], m.last = mode, mode
}

// latest mode that was learned; the cluster's until then.
func (m *modes) latest() Mode {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.last
}

func (m *modes) has(endpoint string) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	_, ok := m.known[endpoint]
	return ok
}
