// Package demo plays the shop's story into the back ends of metrics, logs and
// traces: first the hours that lie behind, then live. What it has told is kept
// in one file, so that a stack that comes back goes on with the same story and
// counters.
package demo

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
	"github.com/platformbuilds/mirador-core/devstack/internal/shopmetrics"
	"github.com/platformbuilds/mirador-core/devstack/internal/vmimport"
)

// Step is the distance between two samples of a series.
const Step = 15 * time.Second

// Writer imports text for a tenant; vmimport.Client is one.
type Writer interface {
	Write(ctx context.Context, tenant vmimport.Tenant, text []byte) error
}

// Tenant is one audience of the story.
type Tenant struct {
	shopmetrics.Tenant
	ID vmimport.Tenant
}

// Tenants are the two of the demo; they hear the same story, each with its
// own marker in it.
func Tenants() []Tenant {
	return []Tenant{
		{Tenant: shopmetrics.Mark("demo"), ID: vmimport.Tenant{Account: 1}},
		{Tenant: shopmetrics.Mark("other"), ID: vmimport.Tenant{Account: 2}},
	}
}

// Options says which story is played and where.
type Options struct {
	// File keeps what was told.
	File string
	// Seed picks the story.
	Seed uint64
	// History is how far back the story begins.
	History time.Duration
	// Target names the back end; a story is not continued at another one.
	Target string
	// Writer reaches that back end; nil writes no metrics.
	Writer Writer
	// Feeds are where else the story goes.
	Feeds []Feed
	// BulkRows go into the day before the story, into the logs of demo.
	BulkRows int
	// Now is the clock, Log where trouble with writing is told.
	Now func() time.Time
	Log *slog.Logger
}

// Player tells one story. It is for one goroutine, apart from Play and Told.
type Player struct {
	options  Options
	mu       sync.Mutex // guards told
	told     Told
	story    *shop.Shop
	recorder *shopmetrics.Recorder
	pages    []*shopmetrics.Page
	feeds    []*feed
	requests chan request
	failing  bool
}

// Open goes on with the story in the file, or begins a new one where the file
// holds none, another seed or another back end, or ended too long ago.
func Open(o Options) (*Player, error) {
	told, err := load(o.File)
	if err != nil {
		return nil, err
	}
	now := o.Now().Truncate(Step)
	if !told.continues(o, now) {
		told = begin(o, now)
	}
	told.Bulk = bulk(o.BulkRows, told.Start)
	p := &Player{options: o, told: told, story: told.story(), requests: make(chan request)}
	p.recorder = shopmetrics.NewRecorder(p.story, Step)
	for _, tenant := range Tenants() {
		p.pages = append(p.pages, shopmetrics.NewPage(tenant.Tenant))
	}
	p.replay()
	p.openFeeds(now)
	return p, nil
}

// Told describes the story as it stands.
func (p *Player) Told() Told {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.told
}

// change alters what was told; only the player's own goroutine does.
func (p *Player) change(how func(*Told)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	how(&p.told)
}

// Story is the shop behind it.
func (p *Player) Story() *shop.Shop { return p.story }

// replay moves the counters to where they were when the file was written.
func (p *Player) replay() {
	for at := p.told.Start; !at.After(p.told.Written); at = at.Add(Step) {
		p.recorder.Record(at, func(string, string, float64) {})
	}
}
