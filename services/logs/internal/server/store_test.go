package server

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/fault"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

func TestStore(t *testing.T) {
	var sent *http.Request
	var body string
	s := onBackend(t, func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		sent, body = r, string(raw)
		w.Header().Set("Content-Type", "application/json")
	})
	out, err := s.Store(caller(t.Context()), &logsv1.StoreRequest{ContentType: "application/x-ndjson",
		Body: []byte("{\"event\":{\"_msg\":\"a\",\"component\":\"cart\"}}\n{broken\n{\"_msg\":\"b\"}\n")})
	if err != nil {
		t.Fatal(err)
	}
	d := out.GetData()
	if out.GetStatus() != "success" || !d.GetStored() || d.GetTenantId() != "shop" || d.GetTimestamp() != "2026-11-20T12:00:00Z" {
		t.Errorf("answer %v", out)
	}
	if d.GetAccepted() != 2 || len(d.GetRefused()) != 1 || d.GetRefused()[0].GetLine() != 2 || d.GetRefused()[0].GetReason() != "not valid JSON" {
		t.Errorf("outcome %v", d)
	}
	if sent.Method != http.MethodPost || sent.URL.Path != "/insert/jsonline" || sent.Header.Get("AccountID") != "7" ||
		sent.Header.Get("Content-Type") != "application/stream+json" {
		t.Errorf("sent %s %s %v", sent.Method, sent.URL, sent.Header)
	}
	for name, want := range map[string]string{"_stream_fields": "service,type,stored_by", "_time_field": "_time", "_msg_field": "_msg"} {
		if got := sent.URL.Query().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if lines := strings.Count(body, "\n"); lines != 2 || !strings.Contains(body, `"service":"cart"`) {
		t.Errorf("body %q", body)
	}
}

func TestNothingToStore(t *testing.T) {
	s := onBackend(t, func(http.ResponseWriter, *http.Request) { t.Error("the back end was asked") })
	cases := []struct {
		name, body, want string
	}{
		{"nothing", "", "[]"},
		{"no event", "{broken\n[1]\n", "[{/0 not valid JSON} {/1 not a JSON object}]"},
		{"many", strings.Repeat("5\n", 1000), ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := s.Store(caller(t.Context()), &logsv1.StoreRequest{Body: []byte(c.body), ContentType: "application/x-ndjson"})
			f := fault.From(err)
			if f.Code != fault.CodeInvalidRequest || f.Message != "Invalid JSON event format" || len(f.Fields) > maxFaults {
				t.Errorf("fault %v with %d fields", f, len(f.Fields))
			}
			if got := fmt.Sprint(f.Fields); c.want != "" && got != c.want {
				t.Errorf("fields %s, want %s", got, c.want)
			}
		})
	}
}

func TestStoreIsNotTriedAgain(t *testing.T) {
	tries := 0
	s := onBackend(t, func(w http.ResponseWriter, _ *http.Request) { tries++; w.WriteHeader(http.StatusInternalServerError) })
	_, err := s.Store(caller(t.Context()), &logsv1.StoreRequest{Body: []byte(`{"a":1}`), ContentType: "application/json"})
	if f := fault.From(err); f.Message != "Failed to store event" || !f.Kind().Ours() || tries != 1 {
		t.Errorf("%d tries, %v", tries, err)
	}
}

func TestStoreNeedsAnIdentity(t *testing.T) {
	s := onBackend(t, func(http.ResponseWriter, *http.Request) { t.Error("the back end was asked") })
	if _, err := s.Store(t.Context(), &logsv1.StoreRequest{Body: []byte(`{"a":1}`)}); !errors.Is(err, fault.New(fault.CodeTenantRequired, "")) {
		t.Errorf("%v", err)
	}
}

func TestListOfRefusedIsBounded(t *testing.T) {
	s := onBackend(t, func(http.ResponseWriter, *http.Request) {})
	out, err := s.Store(caller(t.Context()), &logsv1.StoreRequest{ContentType: "application/x-ndjson", Body: []byte("{\"a\":1}\n" + strings.Repeat("5\n", 5000))})
	if err != nil {
		t.Fatal(err)
	}
	list := out.GetData().GetRefused()
	if last := list[len(list)-1]; len(list) != maxListed+1 || last.GetReason() != "and 4000 more events" {
		t.Errorf("%d, the last: %v", len(list), last)
	}
}
