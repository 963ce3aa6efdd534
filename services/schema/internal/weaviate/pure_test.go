package weaviate

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/weaviate/weaviate/entities/models"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// fake answers everything with one status and body.
func fake(t *testing.T, status int, body string) *client {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(srv.Close)
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Defaults()
	cfg.Host = u.Hostname()
	if cfg.Port, err = strconv.Atoi(u.Port()); err != nil {
		t.Fatal(err)
	}
	c := newClient(cfg)
	t.Cleanup(c.close)
	return c
}

// Weaviate says 200 to much that went wrong.
func TestFailuresBehindGoodStatus(t *testing.T) {
	objects := []*models.Object{{Class: "Metric", Properties: properties{}}}
	for _, body := range []string{
		`[]`, `[{"id":"6ba7b811-9dad-11d1-80b4-00c04fd430c8"}]`, `[{"result":{"status":"FAILED"}}]`,
		`[{"result":{"status":"FAILED","errors":{"error":[{"message":"shard is read-only"}]}}}]`, `{`, ``,
	} {
		if err := fake(t, http.StatusOK, body).put(t.Context(), objects); fault.From(err).Code != fault.CodeUnavailable {
			t.Errorf("batch answered by %s: %v", body, err)
		}
	}
	if err := fake(t, http.StatusOK, `[{"result":{"status":"SUCCESS"}}]`).put(t.Context(), objects); err != nil {
		t.Errorf("good batch: %v", err)
	}
	var out map[string][]properties
	for _, body := range []string{`{"errors":[{"message":"no such class"}]}`, `{"data":{"Get":{"Metric":null}},"errors":[{"message":"x"}]}`, `{}`, `[]`, ``} {
		if err := fake(t, http.StatusOK, body).ask(t.Context(), "Metric{name}", &out); fault.From(err).Code != fault.CodeUnavailable {
			t.Errorf("question answered by %s: %v", body, err)
		}
	}
	for _, status := range []int{400, 401, 404, 422, 500, 503} {
		c := fake(t, status, `{}`)
		if err := c.ask(t.Context(), "Metric{name}", &out); fault.From(err).Code != fault.CodeUnavailable {
			t.Errorf("question answered with %d: %v", status, err)
		}
		if err := c.put(t.Context(), objects); fault.From(err).Code != fault.CodeUnavailable {
			t.Errorf("batch answered with %d: %v", status, err)
		}
		err := c.get(t.Context(), "Metric", "x", &properties{})
		if status == http.StatusNotFound != errors.Is(err, errNoObject) || err == nil {
			t.Errorf("object answered with %d: %v", status, err)
		}
	}
}

func TestKeyAndConsistencyAreSent(t *testing.T) {
	c := fake(t, http.StatusOK, `{"data":{"Get":{}}}`)
	cfg := Defaults()
	cfg.APIKey, cfg.Consistency = "do-not-tell", "QUORUM"
	keyed := newClient(cfg)
	keyed.http.Transport = transport(func(r *http.Request) (*http.Response, error) {
		body := ""
		if r.Body != nil {
			data, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			body = string(data)
		}
		if got := r.Header.Get("Authorization"); got != "Bearer do-not-tell" {
			t.Errorf("%s is sent with %q", r.URL, got)
		}
		if r.URL.Query().Get("consistency_level") != "QUORUM" && !strings.Contains(body, "consistencyLevel:QUORUM") {
			t.Errorf("%s is sent without consistency: %s", r.URL, body)
		}
		return nil, errors.New("away")
	})
	_ = keyed.get(t.Context(), "Metric", "x", &properties{})
	_ = keyed.put(t.Context(), []*models.Object{{Class: "Metric"}})
	_ = keyed.ask(t.Context(), "Metric(limit:1"+keyed.level()+"){name}", nil)
	if c.level() != "" {
		t.Errorf("the server's own consistency is sent as %q", c.level())
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestCallersDoNotSeeAddresses(t *testing.T) {
	f := fault.From(fake(t, http.StatusInternalServerError, "secret").get(t.Context(), "Metric", "x", &properties{}))
	if text := f.Message + f.Detail; strings.Contains(text, "127.0.0.1") || strings.Contains(text, "secret") {
		t.Errorf("callers read %q", text)
	}
}

func TestHints(t *testing.T) {
	woken := 0
	h := &hints{wake: func() { woken++ }}
	for _, text := range []string{"", "x", "a b", "a -1", hint("a", 5), hint("a", 3)} {
		h.take(text)
	}
	if h.projected("a") != 5 || h.projected("b") != 0 || woken != 2 {
		t.Errorf("%+v, woken %d times", h, woken)
	}
	if h.take(hint("b", 2)); h.projected("a") != 0 || h.projected("b") != 2 {
		t.Errorf("after another log: %+v", h)
	}
}

// board is where epochs are announced.
type board struct {
	epochs map[string]uint64
	broken bool
}

func (b *board) Epoch(tenant string) uint64 { return b.epochs[tenant] }
func (b *board) Publish(_ context.Context, tenant string, epoch uint64) error {
	if b.broken {
		return errors.New("away")
	}
	b.epochs[tenant] = epoch
	return nil
}

func TestEpochsWaitForTheProjection(t *testing.T) {
	var projected uint64
	b := &board{epochs: map[string]uint64{}}
	e := &epochs{Epochs: b, projected: func() uint64 { return projected }, waiting: map[string]uint64{}}
	for tenant, epoch := range map[string]uint64{"a": 3, "b": 5} {
		if err := e.Publish(t.Context(), tenant, epoch); err != nil || e.Epoch(tenant) != epoch {
			t.Errorf("epoch %d of %s: %v", e.Epoch(tenant), tenant, err)
		}
	}
	e.announce(t.Context())
	if len(b.epochs) != 0 {
		t.Errorf("announced before the projection: %v", b.epochs)
	}
	projected, b.broken = 4, true
	e.announce(t.Context())
	b.broken = false
	e.announce(t.Context())
	if !maps.Equal(b.epochs, map[string]uint64{"a": 3}) {
		t.Errorf("announced %v", b.epochs)
	}
	projected = 5
	e.announce(t.Context())
	if err := e.Publish(t.Context(), "a", 4); err != nil || !maps.Equal(b.epochs, map[string]uint64{"a": 4, "b": 5}) {
		t.Errorf("announced %v, %v", b.epochs, err)
	}
}

// A position is written only after it has rested.
func TestPositionsRest(t *testing.T) {
	var s saver
	now := time.Now()
	for _, step := range []struct {
		after     time.Duration
		projected uint64
		want      uint64
	}{
		{0, 10, 0}, {settling / 2, 20, 0}, {settling / 2, 30, 10}, {time.Second, 40, 0}, {settling, 40, 30}, {settling, 40, 40}, {settling, 40, 0},
	} {
		now = now.Add(step.after)
		if got, ok := s.due(now, step.projected); got != step.want || ok != (step.want > 0) {
			t.Errorf("%+v: %d is written", step, got)
		}
	}
}

func TestConfig(t *testing.T) {
	if err := Defaults().Validate(); err != nil {
		t.Error(err)
	}
	bad := Config{Scheme: "ftp", Port: 70_000, Consistency: "one", NestedKeys: []string{"ok_1", "1bad", "", "a b", `x"`}}
	err := bad.Validate()
	if err == nil {
		t.Fatal("a bad configuration is taken")
	}
	for _, want := range []string{"scheme", "host", "port", "consistency", `"1bad"`, `""`, `"a b"`, `x\"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	if strings.Contains(err.Error(), "ok_1") {
		t.Errorf("%v names what is good", err)
	}
}
