package events

import (
	"fmt"
	"strings"
)

// Kind of an event; it is the third part of the subject.
type Kind string

// The kinds of events.
const (
	Metrics       Kind = "metrics"
	Alerts        Kind = "alerts"
	Predictions   Kind = "predictions"
	Correlations  Kind = "correlations"
	Notifications Kind = "notifications"
	ConfigChanges Kind = "config"
)

// Known tells whether the kind is one of the list; others are never sent.
func (k Kind) Known() bool {
	switch k {
	case Metrics, Alerts, Predictions, Correlations, Notifications, ConfigChanges:
		return true
	}
	return false
}

const prefix = "mirador.v1"

// Subject is where an event travels: mirador.v1.<tenant>.<kind>.<key>.
type Subject struct {
	Tenant string
	Kind   Kind
	Key    string
}

// Encode writes the subject as NATS sees it. An empty tenant or an unknown
// kind is an error.
func (s Subject) Encode() (string, error) {
	if s.Tenant == "" || !s.Kind.Known() {
		return "", fmt.Errorf("encode subject: tenant %q or kind %q is not valid", s.Tenant, s.Kind)
	}
	tenant, err := Encode(s.Tenant)
	if err != nil {
		return "", fmt.Errorf("encode tenant: %w", err)
	}
	key, err := Encode(s.Key)
	if err != nil {
		return "", fmt.Errorf("encode key: %w", err)
	}
	return strings.Join([]string{prefix, tenant, string(s.Kind), key}, "."), nil
}

// DecodeSubject reads what Encode wrote.
func DecodeSubject(subject string) (Subject, error) {
	rest, ok := strings.CutPrefix(subject, prefix+".")
	parts := strings.Split(rest, ".")
	if !ok || len(parts) != 3 || !Kind(parts[1]).Known() {
		return Subject{}, fmt.Errorf("decode subject %q: not of the form %s.<tenant>.<kind>.<key>", subject, prefix)
	}
	tenant, err := Decode(parts[0])
	if err != nil {
		return Subject{}, fmt.Errorf("decode tenant: %w", err)
	}
	key, err := Decode(parts[2])
	if err != nil {
		return Subject{}, fmt.Errorf("decode key: %w", err)
	}
	if tenant == "" {
		return Subject{}, fmt.Errorf("decode subject %q: no tenant", subject)
	}
	return Subject{Tenant: tenant, Kind: Kind(parts[1]), Key: key}, nil
}

// Filter chooses events. The zero value means all events of all tenants, which
// only background work may ask for; a part left empty means any.
type Filter struct {
	Tenant string
	Kind   Kind
	Key    string
}

// Encode writes the filter as a NATS subject with wildcards.
func (f Filter) Encode() (string, error) {
	parts := []string{prefix, "*", "*", "*"}
	if f.Kind != "" && !f.Kind.Known() {
		return "", fmt.Errorf("encode filter: unknown kind %q", f.Kind)
	}
	if f.Kind != "" {
		parts[2] = string(f.Kind)
	}
	for i, text := range map[int]string{1: f.Tenant, 3: f.Key} {
		if text == "" {
			continue
		}
		token, err := Encode(text)
		if err != nil {
			return "", fmt.Errorf("encode filter: %w", err)
		}
		parts[i] = token
	}
	return strings.Join(parts, "."), nil
}
