package victoriatraces

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/services/traces/internal/criteria"
	"github.com/platformbuilds/mirador-core/services/traces/internal/servicemap"
)

// call makes of a recorded request the one of ours that leads to it, and gives
// the answer as the caller of the client sees it; nil when clients of Mirador
// cannot cause it.
func (e exchange) call() func(t *testing.T, c *Client, id *identity.Identity) (string, error) {
	path, ok := strings.CutPrefix(e.Request.Path, jaeger)
	if !ok || e.Request.Method != http.MethodGet || e.Response.Truncated > 0 {
		return nil
	}
	v := e.query()
	switch {
	case path == "services" && len(v) == 0:
		return func(t *testing.T, c *Client, id *identity.Identity) (string, error) {
			names, err := c.Services(t.Context(), id)
			return strings.Join(names, ","), err
		}
	case strings.HasPrefix(path, "services/") && strings.HasSuffix(path, "/operations"):
		service, err := url.PathUnescape(strings.TrimSuffix(strings.TrimPrefix(path, "services/"), "/operations"))
		if err != nil || service == "" {
			return nil
		}
		return func(t *testing.T, c *Client, id *identity.Identity) (string, error) {
			names, err := c.Operations(t.Context(), id, service)
			return strings.Join(names, ","), err
		}
	case strings.HasPrefix(path, "traces/") && len(v) == 0 && path != "traces/" && !strings.Contains(path, "?"):
		return func(t *testing.T, c *Client, id *identity.Identity) (string, error) {
			return read(c.Trace(t.Context(), id, strings.TrimPrefix(path, "traces/")))
		}
	case path == "traces":
		w, ok := recorded(v)
		if !ok {
			return nil
		}
		return func(t *testing.T, c *Client, id *identity.Identity) (string, error) {
			return read(c.Search(t.Context(), id, w))
		}
	}
	return nil
}

func read(body io.ReadCloser, err error) (string, error) {
	if err != nil {
		return "", err
	}
	defer body.Close()
	raw, err := io.ReadAll(body)
	return string(raw), err
}

// recorded criteria; ok is false for those that we refuse ourselves or never
// send.
func recorded(v url.Values) (w criteria.Criteria, ok bool) {
	known := []string{"service", "operation", "tags", "minDuration", "maxDuration", "start", "end", "limit"}
	for name := range v {
		if !slices.Contains(known, name) {
			return w, false
		}
	}
	w = criteria.Criteria{Service: v.Get("service"), Operation: v.Get("operation"), Limit: criteria.DefaultLimit}
	start, err1 := strconv.ParseInt(v.Get("start"), 10, 64)
	end, err2 := strconv.ParseInt(v.Get("end"), 10, 64)
	w.Window = criteria.Window{Start: time.UnixMicro(start), End: time.UnixMicro(end)}
	var err3, err4, err5, err6 error
	if v.Has("limit") {
		w.Limit, err3 = strconv.Atoi(v.Get("limit"))
	}
	if v.Has("tags") {
		err4 = json.Unmarshal([]byte(v.Get("tags")), &w.Tags)
	}
	if v.Has("minDuration") {
		w.MinDuration, err5 = time.ParseDuration(v.Get("minDuration"))
	}
	if v.Has("maxDuration") {
		w.MaxDuration, err6 = time.ParseDuration(v.Get("maxDuration"))
	}
	return w, w.Service != "" && w.Limit > 0 && errors.Join(err1, err2, err3, err4, err5, err6) == nil
}

// TestGolden holds every recorded exchange of the query API that we can cause
// against the client: it sends what was recorded, and gives what came.
func TestGolden(t *testing.T) {
	covered := 0
	for _, file := range []string{"01-insert", "02-services-operations", "03-search", "04-trace-by-id", "05-tenants"} {
		for _, e := range load(t, file) {
			id, ok := e.tenant()
			call := e.call()
			if !ok || call == nil {
				continue
			}
			covered++
			t.Run(file+"/"+e.Name, func(t *testing.T) {
				var got http.Request
				answer, err := call(t, e.answering(t, &got), id)
				e.checkRequest(t, &got, id)
				e.checkAnswer(t, answer, err)
			})
		}
	}
	if covered < 60 {
		t.Errorf("only %d exchanges could be replayed", covered)
	}
}

func (e exchange) checkAnswer(t *testing.T, answer string, err error) {
	t.Helper()
	if e.Response.Status != http.StatusOK {
		if f := fault.From(err); f == nil || f.Kind() == fault.NotFound {
			t.Errorf("status %d became %v", e.Response.Status, err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	want := e.Response.Body
	var list struct{ Data []string }
	if json.Unmarshal([]byte(want), &list) == nil {
		if strings.Contains(e.Request.Path, "services") {
			want = strings.Join(list.Data, ",")
		}
	}
	if answer != want {
		t.Errorf("got %s, recorded %s", answer, want)
	}
}

func exchanges(t *testing.T, file string) map[string]exchange {
	list := map[string]exchange{}
	for _, e := range load(t, file) {
		list[e.Name] = e
	}
	return list
}

func seedWindow() criteria.Window {
	return criteria.Window{Start: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC), End: time.Date(2026, 11, 20, 11, 0, 0, 0, time.UTC)}
}

func TestGoldenDependenciesAreSwitchedOff(t *testing.T) {
	e := exchanges(t, "02-services-operations")["dependencies"]
	var got http.Request
	asked := 0
	now := time.Now()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		got = *r.Clone(r.Context())
		http.Error(w, e.Response.Body, e.Response.Status)
	})
	c.features.now = func() time.Time { return now }
	id := &identity.Identity{}
	for range 3 {
		if _, err := c.Dependencies(t.Context(), id, seedWindow()); !errors.Is(err, servicemap.ErrUnsupported) {
			t.Fatalf("got %v", err)
		}
	}
	e.checkRequest(t, &got, id)
	now = now.Add(relearn)
	_, _ = c.Dependencies(t.Context(), id, seedWindow())
	if asked != 2 {
		t.Errorf("the back end was asked %d times, want once and once again later", asked)
	}
}

func TestGoldenErrorsAreExplained(t *testing.T) {
	list := exchanges(t, "03-search")
	for name, want := range map[string]string{
		"limit_bad": "cannot parse limit", "no_service": "service name is required", "min_duration_bare": "missing unit",
		"tags_number_json": "cannot unmarshal number",
	} {
		var got http.Request
		c := list[name].answering(t, &got)
		_, err := c.Search(t.Context(), &identity.Identity{}, criteria.Criteria{Service: "a", Window: seedWindow()})
		if f := fault.From(err); f == nil || f.Code != fault.CodeQueryRejected || !strings.Contains(f.Detail, want) {
			t.Errorf("%s became %v", name, err)
		}
	}
}
