package server

import (
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

func metricKey(metric string) definition.Key {
	return definition.Key{Kind: definition.Metric, Name: metric}
}

func labelKey(metric, label string) definition.Key {
	return definition.Key{Kind: definition.Label, Parent: metric, Name: label}
}

func fieldKey(field string) definition.Key {
	return definition.Key{Kind: definition.LogField, Name: field}
}

func serviceKey(service string) definition.Key {
	return definition.Key{Kind: definition.Service, Name: service}
}

func operationKey(service, operation string) definition.Key {
	return definition.Key{Kind: definition.Operation, Parent: service, Name: operation}
}

// named is a request that names a definition of any kind.
type named interface {
	GetMetric() string
	GetLabel() string
	GetField() string
	GetService() string
	GetOperation() string
}

// keyOf gives the one definition that a request names.
func keyOf(r named) (definition.Key, error) {
	metric, label, field, service, operation := r.GetMetric(), r.GetLabel(), r.GetField(), r.GetService(), r.GetOperation()
	switch {
	case metric != "" && field+service+operation == "":
		if label != "" {
			return labelKey(metric, label), nil
		}
		return metricKey(metric), nil
	case field != "" && metric+label+service+operation == "":
		return fieldKey(field), nil
	case service != "" && metric+label+field == "":
		if operation != "" {
			return operationKey(service, operation), nil
		}
		return serviceKey(service), nil
	}
	return definition.Key{}, fault.New(fault.CodeInvalidRequest, "invalid payload").
		WithDetail("name one definition: metric, metric and label, field, service, or service and operation")
}
