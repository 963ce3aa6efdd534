package launch

import (
	"context"
	"os"
	"strings"

	"github.com/platformbuilds/mirador-core/devstack/internal/demo"
	"github.com/platformbuilds/mirador-core/devstack/internal/embedded"
	"github.com/platformbuilds/mirador-core/devstack/internal/runfolder"
	"github.com/platformbuilds/mirador-core/devstack/internal/settings"
)

func (s *stack) startNATS(context.Context) error {
	if s.given(settings.NATS, &s.nats, s.settings.Given.NATS) {
		return nil
	}
	n, err := embedded.StartNATS(s.folder.Path("data", "nats"), s.settings.Ports.Of(settings.NATS))
	if err != nil {
		return err
	}
	s.onClose("NATS", n.Close)
	s.nats = []string{n.URL()}
	s.up(settings.NATS, n.URL()+" (JetStream on disk)")
	return nil
}

func (s *stack) startValkey(context.Context) error {
	if s.given(settings.Valkey, &s.valkey, s.settings.Given.Valkey) {
		return nil
	}
	v, err := embedded.StartValkey(s.settings.Ports.Of(settings.Valkey))
	if err != nil {
		return err
	}
	s.onClose("Valkey", v.Close)
	s.valkey = []string{v.Addr()}
	s.up(settings.Valkey, v.Addr()+" (in memory)")
	return nil
}

func (s *stack) startMetrics(context.Context) error {
	if s.given(settings.Metrics, &s.metrics, s.settings.Given.Metrics) {
		s.writeTo = s.settings.WriteTo(settings.Metrics)
		return nil
	}
	if err := s.dropOldStory(); err != nil {
		return err
	}
	m, err := embedded.StartMetrics(s.folder.Path("data", "metrics"), s.settings.Ports.Of(settings.Metrics), s.log)
	if err != nil {
		return err
	}
	s.onClose("metrics back end", m.Close)
	s.metrics, s.writeTo = []string{m.URL()}, m.URL()
	s.up(settings.Metrics, m.URL()+" (stand-in)")
	return nil
}

// dropOldStory empties the stand-in when another story is to be told: the two
// would contradict each other in the same series.
func (s *stack) dropOldStory() error {
	seed, told := demo.Seed(s.storyFile())
	if !told || seed == s.settings.Seed {
		return nil
	}
	s.progress.left("old story", "DEMO_SEED changed, so the stand-in's metrics are written anew")
	if err := os.RemoveAll(s.folder.Path("data", "metrics")); err != nil {
		return err
	}
	return os.Remove(s.storyFile())
}

func (s *stack) storyFile() string { return storyFile(s.folder) }

func storyFile(folder *runfolder.Folder) string { return folder.Path("data", "demo.json") }

// given takes over the addresses of a part that somebody else runs.
func (s *stack) given(part settings.Part, to *[]string, addresses []string) bool {
	if len(addresses) == 0 {
		return false
	}
	*to = addresses
	s.parts = append(s.parts, string(part)+": given, "+strings.Join(addresses, ", "))
	s.progress.left(string(part), "given: "+strings.Join(addresses, ", "))
	return true
}

func (s *stack) up(part settings.Part, detail string) {
	s.parts = append(s.parts, string(part)+": "+detail)
	s.progress.done(string(part), detail)
}
