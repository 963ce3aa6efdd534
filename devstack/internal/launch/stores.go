package launch

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/demo"
	"github.com/platformbuilds/mirador-core/devstack/internal/embedded"
	"github.com/platformbuilds/mirador-core/devstack/internal/runfolder"
	"github.com/platformbuilds/mirador-core/devstack/internal/settings"
	"github.com/platformbuilds/mirador-core/devstack/internal/signal"
)

// standIn is the target of what is written into this process.
const standIn = "stand-in"

// retention of the stand-ins, on top of the demo's history.
const retention = 31 * 24 * time.Hour

func (s *stack) startLogs(context.Context) error {
	if s.given(settings.LogStore, &s.logs, s.settings.Given.Logs) {
		if s.mayFeed(demo.Logs, settings.LogStore) {
			lines := signal.NewLogLines(s.upload(settings.LogStore))
			s.feed(demo.Logs, settings.LogStore, lines, lines.Close)
		}
		return nil
	}
	l, err := embedded.StartLogs(s.settings.Ports.Of(settings.LogStore), s.settings.History+retention, s.log)
	if err != nil {
		return err
	}
	s.onClose("logs back end", l.Close)
	s.logs, s.rows = []string{l.URL()}, signal.NewRows(l.Store())
	s.feeds = append(s.feeds, demo.Feed{Name: demo.Logs, Target: standIn, Forgets: true, Writer: s.rows})
	s.up(settings.LogStore, l.URL()+" (stand-in, in memory)")
	return nil
}

func (s *stack) startTraces(context.Context) error {
	if s.given(settings.TraceStore, &s.traces, s.settings.Given.Traces) {
		if s.mayFeed(demo.Traces, settings.TraceStore) {
			uploads := signal.NewSpanUploads(s.upload(settings.TraceStore))
			s.feed(demo.Traces, settings.TraceStore, uploads, uploads.Close)
		}
		return nil
	}
	t, err := embedded.StartTraces(s.settings.Ports.Of(settings.TraceStore), s.settings.History+retention, s.log)
	if err != nil {
		return err
	}
	s.onClose("traces back end", t.Close)
	s.traces = []string{t.URL()}
	s.feeds = append(s.feeds, demo.Feed{Name: demo.Traces, Target: standIn, Forgets: true, Writer: signal.NewSpans(t.Server)})
	s.up(settings.TraceStore, t.URL()+" (stand-in, in memory)")
	return nil
}

// mayFeed says whether the demo writes to a given back end, and if not, why.
func (s *stack) mayFeed(name string, part settings.Part) bool {
	if s.settings.MayWrite(part) {
		return true
	}
	s.progress.left(demoPart, "no "+name+" to "+s.settings.WriteTo(part)+", which is not on this machine; DEMO_WRITE=1 allows it")
	return false
}

func (s *stack) upload(part settings.Part) signal.Options {
	return signal.Options{Endpoint: s.settings.WriteTo(part), Username: s.settings.Username, Password: s.settings.Password}
}

func (s *stack) feed(name string, part settings.Part, w signal.Writer, end func()) {
	s.feeds = append(s.feeds, demo.Feed{Name: name, Target: s.settings.WriteTo(part), Writer: w})
	s.onClose(string(part), func(context.Context) error {
		end()
		return nil
	})
}

// loadBulk adds the rows that are there for their number only.
func (s *stack) loadBulk(ctx context.Context) error {
	b := s.player.Told().Bulk
	if b == nil {
		if s.settings.BulkRows > 0 {
			s.progress.left("bulk rows", "only the stand-in for logs takes them")
		}
		return nil
	}
	begun, tenant := time.Now(), demo.Tenants()[0]
	if err := s.rows.Bulk(ctx, tenant.ID, tenant.Marker, *b); err != nil {
		return err
	}
	s.bulk = []runfolder.Variable{{Name: "MIRADOR_BULK_ROWS", Value: strconv.Itoa(b.Rows)},
		{Name: "MIRADOR_BULK_START", Value: b.Start.Format(time.RFC3339)}, {Name: "MIRADOR_BULK_END", Value: b.End.Format(time.RFC3339)}}
	s.progress.done("bulk rows", fmt.Sprintf("%d, written in %.1f s", b.Rows, time.Since(begun).Seconds()))
	return nil
}
