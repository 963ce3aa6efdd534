package main

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestDefaultsAreValid(t *testing.T) {
	c := defaults()
	for name, check := range map[string]interface{ Validate() error }{"backend": c.Backend, "logs": c.Logs, "nats": c.NATS} {
		if err := check.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if l := c.Logs.limits(); l.Rows != c.Logs.MaxRows || l.QueryBytes != c.Logs.MaxQueryBytes || l.Range != c.Logs.MaxRange ||
		l.Concurrent != c.Logs.MaxConcurrent || l.Timeout != c.Logs.Timeout || l.Tails != c.Logs.MaxTails {
		t.Errorf("got %+v", l)
	}
	// A body that is read ahead would keep a tail without rows for ever.
	if c.Backend.Prefetch != 0 {
		t.Errorf("reads %d bytes ahead", c.Backend.Prefetch)
	}
}

func TestConfigRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*Config){
		"no url":      func(c *Config) { c.Backend.Endpoints = nil },
		"reads ahead": func(c *Config) { c.Backend.Prefetch = 1 },
		"timeout":     func(c *Config) { c.Logs.Timeout = 0 },
		"query bytes": func(c *Config) { c.Logs.MaxQueryBytes = -1 },
		"rows":        func(c *Config) { c.Logs.MaxRows = 0 },
		"range":       func(c *Config) { c.Logs.MaxRange = 0 },
		"tails":       func(c *Config) { c.Logs.MaxTails = 0 },
		"concurrent":  func(c *Config) { c.Logs.MaxConcurrent = 0 },
	} {
		c := defaults()
		if spoil(&c); c.Backend.Validate() == nil && c.Logs.Validate() == nil {
			t.Errorf("%s passes", name)
		}
	}
}
