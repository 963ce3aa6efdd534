package changelog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// LogName is the name of the stream that holds the log.
const LogName = "SCHEMA"

const prefix = "schema."

// Filter matches the subjects of all logs of all tenants.
const Filter = prefix + "*.*"

// Subject is where a tenant's changes of one log stand; see
// definition.Kind.Log.
func Subject(tenant, log string) (string, error) {
	if tenant == "" || !slices.Contains(definition.Logs(), log) {
		return "", fmt.Errorf("subject of tenant %q and log %q", tenant, log)
	}
	token, err := events.Encode(tenant)
	if err != nil {
		return "", fmt.Errorf("encode tenant: %w", err)
	}
	return prefix + token + "." + log, nil
}

// ParseSubject reads what Subject wrote.
func ParseSubject(subject string) (tenant, log string, err error) {
	rest, ok := strings.CutPrefix(subject, prefix)
	token, log, found := strings.Cut(rest, ".")
	if !ok || !found || !slices.Contains(definition.Logs(), log) {
		return "", "", fmt.Errorf("subject %q is not of this log", subject)
	}
	tenant, err = events.Decode(token)
	if err != nil {
		return "", "", fmt.Errorf("decode tenant: %w", err)
	}
	return tenant, log, nil
}
