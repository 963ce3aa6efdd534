package launch

import (
	"context"
	"fmt"
	"strings"

	"github.com/platformbuilds/mirador-core/devstack/internal/runfolder"
	"github.com/platformbuilds/mirador-core/devstack/internal/serviceconfig"
)

// announce tells scripts and people that everything is ready.
func (s *stack) announce(ctx context.Context) error {
	s.mu.Lock()
	variables, err := s.variables()
	s.mu.Unlock()
	if err != nil {
		return err
	}
	s.progress.print("%s", s.greeting(variables))
	s.mu.Lock()
	s.ready = true
	s.mu.Unlock()
	return s.save(ctx)
}

func (s *stack) greeting(variables []runfolder.Variable) string {
	var b strings.Builder
	token := value(variables, "MIRADOR_ADMIN_TOKEN")
	fmt.Fprintf(&b, "\nMirador is ready: %s   (API /api/v1, docs /swagger/)\n\n", s.url())
	fmt.Fprintf(&b, "  %-13s %-12s %-7s %s\n", "user", "password", "role", "tenant")
	for _, u := range serviceconfig.Users() {
		fmt.Fprintf(&b, "  %-13s %-12s %-7s %s\n", u.Name, u.Password, u.Role, u.Tenant)
	}
	fmt.Fprintf(&b, "\nToken of admin (30 days):\n%s\n\nTry:\n%s", token, s.examples(token))
	fmt.Fprintf(&b, "\n%sVariables for scripts: %s\nStop with Ctrl-C or `make stop`; a fresh incident with `make demo`.\n",
		s.incidents(), s.folder.Path(runfolder.EnvFile))
	return b.String()
}

func (s *stack) examples(token string) string {
	admin := serviceconfig.Find(serviceconfig.Admin)
	auth := " -H 'Authorization: Bearer " + token + "'"
	lines := []string{
		fmt.Sprintf(`%s/api/v1/auth/login -H 'Content-Type: application/json' -d '{"username":"%s","password":"%s"}'`, s.url(), admin.Name, admin.Password),
		fmt.Sprintf(`%s/api/v1/query -H 'Content-Type: application/json'%s -d '{"query":"sum by (service) (rate(http_requests_total[5m]))"}'`, s.url(), auth),
		fmt.Sprintf(`'%s/prometheus/api/v1/label/service/values'%s`, s.url(), auth),
		fmt.Sprintf(`%s/api/v1/logs/search -H 'Content-Type: application/json'%s -d '{"query":"level:error","start":"now-6h","limit":20}'`, s.url(), auth),
		fmt.Sprintf(`'%s/api/v1/logs/histogram?query=level:error&start=now-6h&step=5m&field=service'%s`, s.url(), auth),
		fmt.Sprintf(`'%s/api/v1/traces/service-map?start=now-1h'%s`, s.url(), auth),
	}
	return "curl -s " + strings.Join(lines, "\n\ncurl -s ") + "\n"
}

// incidents tells what there is to find in the demo.
func (s *stack) incidents() string {
	if s.player == nil {
		return ""
	}
	told := s.player.Told()
	if len(told.Incidents) == 0 {
		return fmt.Sprintf("The story of DEMO_SEED=%d: a quiet day, nothing goes wrong.\n", told.Seed)
	}
	return fmt.Sprintf("The story of DEMO_SEED=%d: %s.\n", told.Seed, told.Incidents[len(told.Incidents)-1])
}

func value(variables []runfolder.Variable, name string) string {
	for _, v := range variables {
		if v.Name == name {
			return v.Value
		}
	}
	return ""
}
