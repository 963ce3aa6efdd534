// Package launch runs the whole of Mirador on one machine: the outside world
// within this process, every service as a child of it, the demo in the back
// ends; and the commands that start, show and stop all that.
package launch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/demo"
	"github.com/platformbuilds/mirador-core/devstack/internal/runfolder"
	"github.com/platformbuilds/mirador-core/devstack/internal/serviceconfig"
	"github.com/platformbuilds/mirador-core/devstack/internal/settings"
	"github.com/platformbuilds/mirador-core/devstack/internal/signal"
)

// self is the name of this very process among the processes of the stack.
const self = "devstack"

// stack is one running stack. Its fields are set while it starts; after that
// only what mu guards changes.
type stack struct {
	settings settings.Settings
	folder   *runfolder.Folder
	progress progress
	log      *slog.Logger
	tokens   serviceconfig.Tokens
	begun    time.Time

	nats, valkey          []string
	metrics, logs, traces []string
	writeTo               string
	feeds                 []demo.Feed
	rows                  *signal.Rows // of the logs stand-in
	bulk                  []runfolder.Variable
	player                *demo.Player
	parts                 []string
	closers               []closer

	mu        sync.Mutex
	processes map[string]runfolder.Process
	starts    map[string]int
	ready     bool
}

type closer struct {
	name  string
	close func(ctx context.Context) error
}

// closing bounds the end of everything: children get 35 s of it.
const closing = 45 * time.Second

func newStack(s settings.Settings, folder *runfolder.Folder, out progress, log *slog.Logger) *stack {
	return &stack{
		settings: s, folder: folder, progress: out, log: log, begun: time.Now(),
		processes: map[string]runfolder.Process{self: runfolder.Self(self, os.Getpid())},
		starts:    map[string]int{},
	}
}

func (s *stack) onClose(name string, end func(ctx context.Context) error) {
	s.closers = append(s.closers, closer{name, end})
}

// start brings everything up, in the order in which parts need each other.
// What was started before a fault is ended by close.
func (s *stack) start(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		s.save, s.startNATS, s.startValkey, s.startMetrics, s.startLogs, s.startTraces, s.startServices,
		s.startDemo, s.awaitServices, s.define, s.awaitDemo, s.announce,
	} {
		if err := step(ctx); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// close ends everything, last started first, and forgets the state.
func (s *stack) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	var faults []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		if err := s.closers[i].close(ctx); err != nil {
			faults = append(faults, fmt.Errorf("stop %s: %w", s.closers[i].name, err))
		}
	}
	return errors.Join(append(faults, s.folder.Forget())...)
}
