package service_test

import (
	"testing"

	"github.com/platformbuilds/mirador-core/libs/service"
)

func TestUploads(t *testing.T) {
	tests := []struct {
		config service.UploadsConfig
		want   int
		valid  bool
	}{
		{service.UploadsDefaults(), 5_242_880, true},
		{service.UploadsConfig{BulkMaxBytes: 100}, 100, true},
		{service.UploadsConfig{BulkMaxBytes: 100, BulkMaxMiB: 2}, 2 << 20, true},
		{service.UploadsConfig{}, 0, false},
		{service.UploadsConfig{BulkMaxBytes: 1 << 30}, 1 << 30, false},
		{service.UploadsConfig{BulkMaxBytes: 1, BulkMaxMiB: -1}, -1 << 20, false},
		{service.UploadsConfig{BulkMaxBytes: 1, BulkMaxMiB: 65}, 65 << 20, false},
	}
	for _, tt := range tests {
		if got := tt.config.Bytes(); got != tt.want {
			t.Errorf("%+v: %d bytes, want %d", tt.config, got, tt.want)
		}
		if err := tt.config.Validate(); (err == nil) != tt.valid {
			t.Errorf("%+v: %v", tt.config, err)
		}
	}
}
