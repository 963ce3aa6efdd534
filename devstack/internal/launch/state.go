package launch

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/runfolder"
	"github.com/platformbuilds/mirador-core/devstack/internal/serviceconfig"
	"github.com/platformbuilds/mirador-core/devstack/internal/settings"
)

func nowUTC() time.Time { return time.Now().UTC() }

func (s *stack) url() string { return "http://" + s.settings.Ports.Addr(settings.Gateway) }

// save writes the state, and the file for scripts once everything is ready.
func (s *stack) save(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready {
		// Before the state: whoever sees "ready" there finds this file.
		if err := s.writeVariables(); err != nil {
			return err
		}
	}
	return s.folder.Save(runfolder.State{Ready: s.ready, URL: s.url(), Started: s.begun, Parts: s.parts, Processes: s.running()})
}

func (s *stack) writeVariables() error {
	variables, err := s.variables()
	if err != nil {
		return err
	}
	return s.folder.WriteEnv(variables)
}

// running lists the processes by name; mu is held.
func (s *stack) running() []runfolder.Process {
	var all []runfolder.Process
	for _, p := range s.processes {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b runfolder.Process) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// variables is what scripts get; mu is held.
func (s *stack) variables() ([]runfolder.Variable, error) {
	admin, other := serviceconfig.Find(serviceconfig.Admin), serviceconfig.Find(serviceconfig.Other)
	list := []runfolder.Variable{
		{Name: "MIRADOR_URL", Value: s.url()},
		{Name: "MIRADOR_ADMIN_USER", Value: admin.Name}, {Name: "MIRADOR_ADMIN_PASSWORD", Value: admin.Password},
		{Name: "MIRADOR_OTHER_USER", Value: other.Name}, {Name: "MIRADOR_OTHER_PASSWORD", Value: other.Password},
		{Name: "MIRADOR_NATS_URL", Value: strings.Join(s.nats, ",")},
		{Name: "MIRADOR_VALKEY", Value: strings.Join(s.valkey, ",")},
		{Name: "MIRADOR_VM_URL", Value: strings.Join(s.metrics, ",")},
		{Name: "MIRADOR_VL_URL", Value: strings.Join(s.logs, ",")},
		{Name: "MIRADOR_VT_URL", Value: strings.Join(s.traces, ",")},
	}
	list = append(list, s.bulk...)
	for _, one := range []struct{ variable, user string }{
		{"MIRADOR_ADMIN_TOKEN", serviceconfig.Admin}, {"MIRADOR_VIEWER_TOKEN", serviceconfig.Viewer},
		{"MIRADOR_EDITOR_TOKEN", serviceconfig.Editor}, {"MIRADOR_OTHER_TOKEN", serviceconfig.Other},
	} {
		token, err := s.tokens.For(serviceconfig.Find(one.user))
		if err != nil {
			return nil, err
		}
		list = append(list, runfolder.Variable{Name: one.variable, Value: token})
	}
	return append(list, s.pids()...), nil
}

func (s *stack) pids() []runfolder.Variable {
	var list []runfolder.Variable
	for _, p := range s.running() {
		list = append(list, runfolder.Variable{Name: "MIRADOR_PID_" + strings.ToUpper(p.Name), Value: strconv.Itoa(p.PID)})
	}
	return list
}
