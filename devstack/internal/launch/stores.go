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
		s.feedGiven(demo.Logs, settings.LogStore, func(o signal.Options) uploads { return signal.NewLogLines(o) })
		return nil
	}
	l, err := embedded.StartLogs(s.settings.Ports.Of(settings.LogStore), s.settings.History+retention, s.log)
	if err != nil {
		return err
	}
	s.rows = signal.NewRows(l.Store())
	s.logs = s.feedStandIn(demo.Logs, settings.LogStore, s.rows, l)
	return nil
}

func (s *stack) startTraces(context.Context) error {
	if s.given(settings.TraceStore, &s.traces, s.settings.Given.Traces) {
		s.feedGiven(demo.Traces, settings.TraceStore, func(o signal.Options) uploads { return signal.NewSpanUploads(o) })
		return nil
	}
	t, err := embedded.StartTraces(s.settings.Ports.Of(settings.TraceStore), s.settings.History+retention, s.log)
	if err != nil {
		return err
	}
	s.traces = s.feedStandIn(demo.Traces, settings.TraceStore, signal.NewSpans(t.Server), t)
	return nil
}

type uploads interface {
	signal.Writer
	Close()
}

// feedGiven has the demo write to a back end that somebody else runs, if it may.
func (s *stack) feedGiven(name string, part settings.Part, open func(signal.Options) uploads) {
	if !s.mayFeed(name, part) {
		return
	}
	to := s.settings.WriteTo(part)
	w := open(signal.Options{Endpoint: to, Username: s.settings.Username, Password: s.settings.Password})
	s.feeds = append(s.feeds, demo.Feed{Name: name, Target: to, Writer: w})
	s.onClose(string(part), func(context.Context) error {
		w.Close()
		return nil
	})
}

type server interface {
	URL() string
	Close(ctx context.Context) error
}

// feedStandIn has the demo write to the stand-in of this process and returns
// its addresses.
func (s *stack) feedStandIn(name string, part settings.Part, w signal.Writer, at server) []string {
	s.onClose(name+" back end", at.Close)
	s.feeds = append(s.feeds, demo.Feed{Name: name, Target: standIn, Forgets: true, Writer: w})
	s.up(part, at.URL()+" (stand-in, in memory)")
	return []string{at.URL()}
}

// mayFeed says whether the demo writes to a given back end, and if not, why.
func (s *stack) mayFeed(name string, part settings.Part) bool {
	if s.settings.MayWrite(part) {
		return true
	}
	s.progress.left(demoPart, "no "+name+" to "+s.settings.WriteTo(part)+", which is not on this machine; DEMO_WRITE=1 allows it")
	return false
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
