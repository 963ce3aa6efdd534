package victoriatraces

import (
	"bufio"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/upstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const golden = "../../../../devstack/testdata/golden/victoriatraces"

// exchange is one recorded request with its answer.
type exchange struct {
	Name    string
	Request struct {
		Method  string
		Path    string
		Query   [][2]string
		Headers map[string]string
	}
	Response struct {
		Status    int
		Headers   map[string]string
		Body      string
		Truncated int `json:"body_truncated_from_chars"`
	}
}

func load(t *testing.T, file string) []exchange {
	t.Helper()
	f, err := os.Open(filepath.Join(golden, file+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []exchange
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e exchange
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}

func (e exchange) query() url.Values {
	v := url.Values{}
	for _, pair := range e.Request.Query {
		v.Add(pair[0], pair[1])
	}
	return v
}

// tenant that the exchange was recorded for; ok is false when it was named in
// a way that Mirador never does.
func (e exchange) tenant() (id *identity.Identity, ok bool) {
	id = &identity.Identity{Tenant: "demo"}
	for name, value := range e.Request.Headers {
		n, err := strconv.ParseUint(value, 10, 32)
		switch {
		case err != nil:
			return nil, false
		case name == "AccountID":
			id.Account = uint32(n)
		case name == "ProjectID":
			id.Project = uint32(n)
		default:
			return nil, false
		}
	}
	return id, true
}

// answering gives the recorded answer to whatever comes, and notes the request.
func (e exchange) answering(t *testing.T, got *http.Request) *Client {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		*got = *r.Clone(r.Context())
		w.Header().Set("Content-Type", e.Response.Headers["Content-Type"])
		w.WriteHeader(e.Response.Status)
		_, _ = w.Write([]byte(e.Response.Body))
	})
}

// serve makes a client of a back end, over a real pool.
func serve(t *testing.T, handle http.HandlerFunc) *Client {
	t.Helper()
	s := httptest.NewServer(handle)
	t.Cleanup(s.Close)
	return New(pool(t, s.URL), time.Now)
}

func pool(t *testing.T, endpoint string) *upstream.Pool {
	t.Helper()
	options := upstream.DefaultOptions()
	options.MaxAnswerBytes = 1 << 20
	p, err := upstream.New(t.Context(), upstream.Config{Name: "traces", Endpoints: []string{endpoint}, Options: options},
		upstream.Deps{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = p.Run(t.Context())
	}()
	t.Cleanup(func() { <-done })
	return p
}

// checkRequest compares what was sent with what was recorded. Durations may be
// spelled in another way.
func (e exchange) checkRequest(t *testing.T, got *http.Request, id *identity.Identity) {
	t.Helper()
	path, err := url.PathUnescape(e.Request.Path)
	if err != nil || got.Method != e.Request.Method || got.URL.Path != path {
		t.Errorf("sent %s %s, recorded %s %s", got.Method, got.URL.Path, e.Request.Method, e.Request.Path)
	}
	sent, recorded := got.URL.Query(), e.query()
	if !recorded.Has("limit") && recorded.Has("service") {
		recorded.Set("limit", "20")
	}
	for _, name := range []string{"minDuration", "maxDuration"} {
		for _, v := range []url.Values{sent, recorded} {
			if d, err := time.ParseDuration(v.Get(name)); err == nil {
				v.Set(name, d.String())
			}
		}
	}
	if sent.Encode() != recorded.Encode() {
		t.Errorf("sent %s, recorded %s", sent.Encode(), recorded.Encode())
	}
	account, project := strconv.Itoa(int(id.Account)), strconv.Itoa(int(id.Project))
	if got.Header.Get("AccountID") != account || got.Header.Get("ProjectID") != project {
		t.Errorf("sent tenant %s:%s", got.Header.Get("AccountID"), got.Header.Get("ProjectID"))
	}
}
