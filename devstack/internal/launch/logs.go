package launch

import (
	"context"
	"os"
	"time"
)

// maxLog bounds each log of a stack that runs for weeks or under load.
const maxLog = 64 << 20

// boundLogs empties logs that have grown too large until the context ends. The
// services append, so they go on at the new end.
func (s *stack) boundLogs(ctx context.Context) {
	ticker := time.NewTicker(10 * time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.cutLogs(maxLog)
		}
	}
}

func (s *stack) cutLogs(most int64) {
	for _, one := range services() {
		info, err := os.Stat(s.logFile(one))
		if err != nil || info.Size() <= most {
			continue
		}
		if err := os.Truncate(s.logFile(one), 0); err != nil {
			s.log.Warn("log not emptied", "part", one.name, "error", err)
			continue
		}
		s.log.Info("log emptied", "part", one.name, "bytes", info.Size())
	}
}
