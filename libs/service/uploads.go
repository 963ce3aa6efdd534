package service

import "errors"

// UploadsConfig is the contract's uploads section, as far as every service that
// handles a file needs it.
type UploadsConfig struct {
	// BulkMaxBytes of a CSV file.
	BulkMaxBytes int64 `key:"bulk_max_bytes" env:"BULK_UPLOAD_MAX_BYTES" doc:"largest CSV file of definitions in bytes"`
	// BulkMaxMiB replaces BulkMaxBytes when it is not 0.
	BulkMaxMiB int64 `key:"bulk_max_mib" env:"BULK_UPLOAD_MAX_MIB" doc:"largest CSV file of definitions in MiB; replaces bulk_max_bytes when it is not 0"`
}

// maxUpload bounds the configuration: a file is kept in memory.
const maxUpload = 64 << 20

// UploadsDefaults returns the contract's default, 5 MiB.
func UploadsDefaults() UploadsConfig { return UploadsConfig{BulkMaxBytes: 5 << 20} }

// Bytes that a CSV file may have.
func (c UploadsConfig) Bytes() int {
	if c.BulkMaxMiB != 0 {
		return int(c.BulkMaxMiB << 20)
	}
	return int(c.BulkMaxBytes)
}

// Validate names every fault at once.
func (c UploadsConfig) Validate() error {
	var faults []error
	if c.BulkMaxBytes < 1 || c.BulkMaxBytes > maxUpload {
		faults = append(faults, errors.New("bulk_max_bytes: must be 1 to 67108864"))
	}
	if c.BulkMaxMiB < 0 || c.BulkMaxMiB > maxUpload>>20 {
		faults = append(faults, errors.New("bulk_max_mib: must be 0 to 64"))
	}
	return errors.Join(faults...)
}
