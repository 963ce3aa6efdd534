// Package signal writes what the shop's story tells as log rows and spans:
// into the stand-ins of this process, or over HTTP into VictoriaLogs and
// VictoriaTraces.
package signal

import (
	"context"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/journey"
	"github.com/platformbuilds/mirador-core/devstack/internal/vmimport"
)

// Writer writes all that a story tells of a window, from (incl.) to (excl.),
// to a tenant: everything, or nothing and an error.
type Writer interface {
	Write(ctx context.Context, story *journey.Traffic, tenant vmimport.Tenant, from, to time.Time) error
}
