package endpoint

import (
	"cmp"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/logsql"
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// settleEvery is how often a tail looks for rows that become visible late.
const settleEvery = 50 * time.Millisecond

// patience is how long a client may take none of what is sent.
const patience = 30 * time.Second

// startOffset is how far back a tail begins when nothing is asked for.
const startOffset = 5 * time.Second

// tail sends rows as they become visible, after those of the time before that
// start_offset asks for. It does not wait for refresh_interval and offset.
func (h *Handler) tail(w http.ResponseWriter, r *http.Request) {
	args, back, err := h.tailArguments(r)
	if err != nil {
		fail(w, r, err)
		return
	}
	t := &tail{h: h, w: http.NewResponseController(w), out: w}
	feed, err := args.query.Tail(r.Context(), args.source, t.write)
	if err != nil {
		fail(w, r, err)
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Content-Type", tailType)
	w.WriteHeader(http.StatusOK)
	since := h.now().UnixNano() - back
	sub := h.store.Subscribe(args.source.Tenant, store.Range{Start: since, End: math.MaxInt64}, func(row *store.Row) bool {
		feed([]store.Row{*row})
		return t.err == nil
	})
	if sub == nil {
		<-r.Context().Done()
		return
	}
	defer sub.Stop()
	t.flush()
	t.follow(r, sub, func(rows []store.Row) { feed(after(rows, since)) })
}

func (h *Handler) tailArguments(r *http.Request) (*arguments, int64, error) {
	args, err := h.arguments(r)
	if err != nil {
		return nil, 0, err
	}
	if err := args.query.Tailable(); err != nil {
		return nil, 0, err
	}
	back := int64(startOffset)
	for _, name := range []string{"refresh_interval", "offset", "start_offset"} {
		d, ok := seconds(r.FormValue(name), back)
		if !ok {
			return nil, 0, errorf("cannot parse %q=%q: cannot parse duration %q", name, r.FormValue(name), r.FormValue(name))
		}
		if name == "start_offset" {
			back = d
		}
	}
	return args, back, nil
}

// after leaves out what is older, and puts the rest in order of time.
func after(rows []store.Row, since int64) []store.Row {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r store.Row) bool { return r.Time < since })
	slices.SortStableFunc(rows, func(a, b store.Row) int { return cmp.Compare(a.Time, b.Time) })
	return rows
}

// tail writes to one client.
type tail struct {
	h   *Handler
	w   *http.ResponseController
	out http.ResponseWriter
	buf []byte
	err error
}

func (t *tail) write(r *logsql.Record) {
	t.buf = append(logsql.AppendJSON(t.buf, r), '\n')
	if len(t.buf) >= bufferSize {
		t.flush()
	}
}

func (t *tail) flush() {
	_ = t.w.SetWriteDeadline(time.Now().Add(patience)) // without support there is none
	if t.err == nil && len(t.buf) > 0 {
		_, t.err = t.out.Write(t.buf)
	}
	t.buf = t.buf[:0]
	if t.err == nil {
		t.err = t.w.Flush()
	}
}

func (t *tail) follow(r *http.Request, sub *store.Subscription, feed func([]store.Row)) {
	var settle <-chan time.Time
	if t.h.store.Delayed() {
		ticker := time.NewTicker(settleEvery)
		defer ticker.Stop()
		settle = ticker.C
	}
	for t.err == nil {
		select {
		case <-r.Context().Done():
			return
		case <-t.h.ending.Done():
			return
		case <-settle:
			sub.Settle()
		case rows, ok := <-sub.Rows:
			if !ok { // too slow: the client must ask again for what it missed
				panic(http.ErrAbortHandler)
			}
			feed(rows)
			if len(sub.Rows) == 0 {
				t.flush()
			}
		}
	}
}
