package victoriametrics

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/upstream"
	"github.com/platformbuilds/mirador-core/services/query/internal/read"
)

const empty = `{"status":"success","data":[]}`

// spy notes the requests that reach it and answers an empty list.
func spy(t *testing.T) (endpoint string, seen *[]*http.Request) {
	t.Helper()
	var list []*http.Request
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		list = append(list, r)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, empty)
	}))
	t.Cleanup(s.Close)
	return s.URL, &list
}

func TestRequestsAreBuiltFromNothing(t *testing.T) {
	endpoint, seen := spy(t)
	narrow := read.Select{Match: []string{"up", `{a="b"}`}, Start: "1", End: "2", Limit: 3}
	listing := url.Values{"match[]": {"up", `{a="b"}`}, "start": {"1"}, "end": {"2"}, "limit": {"3"}}
	held := `{vm_account_id="7",vm_project_id="9",env="prod"}`
	tests := []struct {
		r    read.Request
		path string
		want url.Values
	}{
		{read.Instant{Query: "up", Time: "5", Step: "1m"}, "query", url.Values{"query": {"up"}, "time": {"5"}, "step": {"1m"}}},
		{read.Range{Query: "up", Start: "1", End: "2", Step: "3"}, "query_range", url.Values{"query": {"up"}, "start": {"1"}, "end": {"2"}, "step": {"3"}}},
		{read.Series{Select: narrow}, "series", listing},
		{read.Labels{Select: narrow}, "labels", listing},
		{read.LabelValues{Label: "k8s.pod/uid", Select: narrow}, "label/k8s.pod%2Fuid/values", listing},
		{read.Labels{}, "labels", url.Values{}},
	}
	for _, mode := range []Mode{Single, Cluster} {
		client := newClient(t, Options{Mode: mode, DenyPartial: true}, endpoint)
		prefix, filter := "/api/v1/", held
		if mode == Cluster {
			prefix, filter = "/select/7:9/prometheus/api/v1/", `{env="prod"}`
		}
		for _, tt := range tests {
			*seen = nil
			res, err := client.do(t.Context(), caller("demo", 7, 9, `env="prod"`), tt.r)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			got := (*seen)[0]
			tt.want["extra_filters[]"], tt.want["deny_partial_response"] = []string{filter}, []string{"1"}
			if got.URL.EscapedPath() != prefix+tt.path || !reflect.DeepEqual(got.Form, tt.want) {
				t.Errorf("%s: got %s %v", mode, got.URL.EscapedPath(), got.Form)
			}
			if got.Method != http.MethodGet || got.Header.Get("AccountID") != "" {
				t.Errorf("%s: got %s %v", mode, got.Method, got.Header)
			}
		}
	}
}

func TestLongQueriesTravelInTheBodyOnly(t *testing.T) {
	endpoint, seen := spy(t)
	query := "up" + strings.Repeat(" + up", 1500)
	res, err := newClient(t, Options{Mode: Single}, endpoint).do(t.Context(), caller("demo", 1, 0, ""), read.Instant{Query: query})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	got := (*seen)[0]
	if got.Method != http.MethodPost || got.URL.RawQuery != "" || got.PostForm.Get("query") != query {
		t.Errorf("got %s with %q in the URL", got.Method, got.URL.RawQuery)
	}
	if want := []string{`{vm_account_id="1",vm_project_id="0"}`}; !reflect.DeepEqual(got.PostForm["extra_filters[]"], want) {
		t.Errorf("got filters %v", got.PostForm["extra_filters[]"])
	}
}

func TestDeadlineReachesTheBackEnd(t *testing.T) {
	endpoint, seen := spy(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	res, err := newClient(t, Options{Mode: Single}, endpoint).do(ctx, caller("demo", 1, 0, ""), read.Labels{})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	got, err := time.ParseDuration((*seen)[0].Form.Get("timeout"))
	if err != nil || got <= 0 || got > 5*time.Second+margin {
		t.Errorf("got timeout %s, %v", got, err)
	}
}

func TestLabelsCannotLeaveTheirPlaceInThePath(t *testing.T) {
	endpoint, seen := spy(t)
	client := newClient(t, Options{Mode: Cluster}, endpoint)
	for _, label := range []string{
		"", "..", ".", "../../../../2/prometheus/api/v1/label/job", "a/../b", `a\..\b`, "a/./b", "x\x00", "x\n", "/..",
	} {
		_, err := client.do(t.Context(), caller("demo", 1, 0, ""), read.LabelValues{Label: label})
		if !errors.Is(err, fault.New(fault.CodeInvalidRequest, "")) {
			t.Errorf("%q: got %v", label, err)
		}
	}
	if len(*seen) != 0 {
		t.Errorf("the back end was asked %d times", len(*seen))
	}
}

func TestNobodyQueriesUnderABrokenScope(t *testing.T) {
	endpoint, seen := spy(t)
	for _, mode := range []Mode{Auto, Single, Cluster} {
		_, err := newClient(t, Options{Mode: mode}, endpoint).do(t.Context(), caller("demo", 1, 0, `} or {`), read.Labels{})
		if !errors.Is(err, fault.New(fault.CodeAccessDenied, "")) {
			t.Errorf("%s: got %v", mode, err)
		}
	}
	if len(*seen) != 0 {
		t.Error("the back end was asked")
	}
}

func TestASingleNodeWithAnOwnerRefusesOthers(t *testing.T) {
	endpoint, seen := spy(t)
	client := newClient(t, Options{Mode: Auto, SingleTenant: "demo"}, endpoint)
	res, err := client.do(t.Context(), caller("demo", 1, 0, ""), read.Labels{})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if (*seen)[0].Form.Has("extra_filters[]") {
		t.Error("the owner is held to tenant labels")
	}
	if _, err := client.do(t.Context(), caller("other", 2, 0, ""), read.Labels{}); !errors.Is(err, fault.New(fault.CodeTenantRequired, "")) {
		t.Errorf("got %v", err)
	}
}

func TestMetadataIsAskedOnlyWhereItIsFiltered(t *testing.T) {
	for _, tt := range []struct {
		name    string
		opts    Options
		cluster bool
		scope   string
		asked   bool
	}{
		{"cluster", Options{Mode: Cluster}, true, "", true},
		{"found cluster", Options{Mode: Auto}, true, "", true},
		{"cluster under a scope", Options{Mode: Cluster}, true, `env="prod"`, false},
		{"shared single node", Options{Mode: Single}, false, "", false},
		{"found single node", Options{Mode: Auto}, false, "", false},
		{"owned single node", Options{Mode: Single, SingleTenant: "demo"}, false, "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			paths := make(chan string, 10)
			s := httptest.NewServer(recorder(paths, tt.cluster))
			defer s.Close()
			res, err := newClient(t, tt.opts, s.URL).do(t.Context(), caller("demo", 1, 0, tt.scope), read.Metadata{})
			if tt.asked {
				if err != nil {
					t.Fatal(err)
				}
				res.Body.Close()
				return
			}
			if !errors.Is(err, read.ErrUnfiltered) {
				t.Errorf("got %v", err)
			}
			close(paths)
			for p := range paths {
				if p == "/api/v1/metadata" {
					t.Error("the shared node was asked")
				}
			}
		})
	}
}

func TestMetadataOfMixedBackEndsIsNotAskedOfTheSharedNode(t *testing.T) {
	paths := make(chan string, 10)
	s := httptest.NewServer(recorder(paths, false))
	defer s.Close()
	client := newClient(t, Options{Mode: Auto}, s.URL)
	client.modes.learn(strings.TrimPrefix(s.URL, "http://"), Single)
	client.modes.learn("elsewhere:1", Cluster)
	if _, err := client.do(t.Context(), caller("demo", 1, 0, ""), read.Metadata{}); !errors.Is(err, read.ErrUnfiltered) {
		t.Errorf("got %v", err)
	}
	close(paths)
	for p := range paths {
		if p == "/api/v1/metadata" {
			t.Error("the shared node was asked")
		}
	}
}

func TestAnswersThatCannotBeUsed(t *testing.T) {
	for name, tt := range map[string]struct {
		status     int
		kind, body string
		want       fault.Code
	}{
		"page":         {200, "text/html", "<html>", fault.CodeBackendFailed},
		"no such page": {404, "text/plain", "not found", fault.CodeBackendFailed},
		"denied":       {403, "text/plain", "no", fault.CodeBackendFailed},
		"unauthorized": {401, "text/plain", "no", fault.CodeBackendFailed},
		"broken":       {500, "application/json", `{"error":"x"}`, fault.CodeBackendFailed},
		"busy":         {503, "application/json", `{"error":"x"}`, fault.CodeBackendDown},
		"too many":     {429, "text/plain", "", fault.CodeBackendDown},
		"moved":        {302, "text/plain", "", fault.CodeBackendFailed},
		"plain 400":    {400, "text/plain", "auth error", fault.CodeBackendFailed},
		"our filter":   {400, "application/json", `{"error":"cannot parse extra_filters={a}: x"}`, fault.CodeBackendFailed},
		"too slow":     {422, "application/json", `{"error":"timeout exceeded during query execution"}`, fault.CodeTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", tt.kind)
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			}))
			defer s.Close()
			_, err := newClient(t, Options{Mode: Single}, s.URL).do(t.Context(), caller("demo", 1, 0, ""), read.Labels{})
			f := fault.From(err)
			if f == nil || f.Code != tt.want {
				t.Fatalf("got %v", err)
			}
			if f.Code == fault.CodeBackendDown && f.RetryAfter == 0 {
				t.Error("the caller is not told when to come again")
			}
			if strings.Contains(f.Message+f.Detail, "127.0.0.1") {
				t.Errorf("the address shows: %v", f)
			}
		})
	}
}

func TestScrub(t *testing.T) {
	filter := `{vm_account_id="7",vm_project_id="9",env="prod"}`
	about := call{query: `up{instance="web-1:9090"}`, filter: filter}
	for _, text := range []string{
		`cannot search filters=[{__name__="up",vm_account_id="7",vm_project_id="9",env="prod"}] on vmstorage 10.0.0.7:8401`,
		`cannot parse "{vm_account_id=\"7\",vm_project_id=\"9\",env=\"prod\"}"`,
		`accountID=7, projectID=9, filters=[x]: cannot dial vmstorage-2.internal:8401`,
		`dial tcp [::1]:8401: http://victoria.prod.svc:8428/api/v1/query refused`,
	} {
		got := scrub(text, about)
		for _, secret := range []string{"vm_account_id", "vm_project_id", "10.0.0.7", "8401", "8428", "ID=7", "victoria.prod", "prod\""} {
			if strings.Contains(got, secret) {
				t.Errorf("%q still has %s", got, secret)
			}
		}
	}
	if got := scrub(`bad matcher web-1:9090`, about); got != `bad matcher web-1:9090` {
		t.Errorf("the caller's own value is gone: %q", got)
	}
	if got := scrub(strings.Repeat("ü", 1000), about); len(got) > upstream.MaxMessage || !strings.HasSuffix(got, "ü...") {
		t.Errorf("got %d bytes", len(got))
	}
}

func TestOptionsValidate(t *testing.T) {
	for _, o := range []Options{{Mode: "both"}, {}, {Mode: Cluster, SingleTenant: "demo"}} {
		if o.Validate() == nil {
			t.Errorf("%+v passes", o)
		}
	}
	if err := (Options{Mode: Auto, SingleTenant: "demo"}).Validate(); err != nil {
		t.Error(err)
	}
}
