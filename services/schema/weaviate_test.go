package main

import (
	"strconv"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/events/eventstest"
	"github.com/platformbuilds/mirador-core/libs/fault"
	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
	"github.com/platformbuilds/mirador-core/services/schema/internal/weaviate/weaviatetest"
)

func TestWeaviateIsAway(t *testing.T) {
	// Nobody listens there.
	s := start(t, "WEAVIATE_ENABLED=true", "WEAVIATE_HOST=127.0.0.1", "WEAVIATE_PORT=1")
	_, written := s.client.UpsertMetric(s.writer(t, "demo"), &schemav1.UpsertMetricRequest{Metric: "up"})
	_, read := s.client.GetMetric(s.writer(t, "demo"), &schemav1.GetMetricRequest{Metric: "up"})
	for _, err := range []error{written, read} {
		if f := fault.From(err); f == nil || f.Code != fault.CodeUnavailable || f.RetryAfter == 0 {
			t.Errorf("without Weaviate: %v", err)
		}
	}
}

func TestWeaviateKeepsDefinitions(t *testing.T) {
	srv := weaviatetest.Start(t)
	s := start(t, "WEAVIATE_ENABLED=true", "WEAVIATE_HOST=127.0.0.1", "WEAVIATE_PORT="+strconv.Itoa(srv.Port()))
	eventstest.Eventually(t, "Weaviate takes a definition", func() bool {
		_, err := s.client.UpsertMetric(s.writer(t, "demo"), &schemav1.UpsertMetricRequest{Metric: "up", Description: "one"})
		return err == nil
	})
	// NATS orders changes; what is known can be read without it.
	s.nats.Stop()
	m, err := s.client.GetMetric(s.writer(t, "demo"), &schemav1.GetMetricRequest{Metric: "up"})
	if err != nil || m.GetDescription() != "one" {
		t.Errorf("read %v, %v", m, err)
	}
}
