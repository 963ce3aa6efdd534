package edge_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/proto"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge"
	"github.com/platformbuilds/mirador-core/libs/fault"
	queryv1 "github.com/platformbuilds/mirador-core/proto/gen/query/v1"
)

// GET, form POST and JSON POST mean the same, under every name of the route.
func TestQueryFormsAreEqual(t *testing.T) {
	w := begin(t)
	want := &queryv1.InstantRequest{Query: `up{a="b c"}`, Time: "now-1h", Timeout: "5s", Step: "1m",
		Definitions: &queryv1.DefinitionOptions{Include: proto.Bool(false), Minimal: true, LabelKeys: []string{"a", "b"}}}
	text := "query=up%7Ba%3D%22b+c%22%7D&time=now-1h&timeout=5s&step=1m&include_definitions=0&definitions_minimal=true&label_keys=a,b"
	body := `{"query":"up{a=\"b c\"}","time":"now-1h","timeout":"5s","step":"1m","include_definitions":false,"definitions_minimal":true,"label_keys":["a","b"]}`
	for _, path := range []string{"/api/v1/query", "/query"} {
		for name, ask := range map[string]func() answer{
			"get":  func() answer { return w.do(t, "GET", path+"?"+text, "", viewer) },
			"form": func() answer { return w.do(t, "POST", path, text, viewer, asForm) },
			"json": func() answer { return w.do(t, "POST", path, body, viewer, asJSON+"; charset=utf-8") },
			"mixed": func() answer {
				return w.do(t, "POST", path+"?include_definitions=false&definitions_minimal=1&label_keys=b", strings.NewReplacer(`"include_definitions":false,"definitions_minimal":true,`, `"include_definitions":true,`, `["a","b"]`, `["a"]`).Replace(body), viewer, asJSON)
			},
		} {
			w.query.mu.Lock()
			w.query.instant = nil
			w.query.mu.Unlock()
			a := ask()
			w.query.mu.Lock()
			got := w.query.instant
			w.query.mu.Unlock()
			if a.StatusCode != http.StatusOK || string(a.body) != plain || !proto.Equal(got, want) {
				t.Errorf("%s %s: %d %s\n%v\nwant\n%v", name, path, a.StatusCode, a.body, got, want)
			}
		}
	}
}

func TestOtherHotRows(t *testing.T) {
	w := begin(t)
	ok := func(a answer) {
		t.Helper()
		if a.StatusCode != http.StatusOK || string(a.body) != plain || a.Header.Get("X-Cache") == "" {
			t.Errorf("%d %v %s", a.StatusCode, a.Header, a.body)
		}
	}
	ok(w.do(t, "POST", "/query_range", `{"query":"up","start":1,"end":"2","step":"15s"}`, viewer, asJSON))
	if r := w.query.ranged; r.GetStart() != "1" || r.GetEnd() != "2" || r.GetStep() != "15s" || r.GetDefinitions().Include != nil {
		t.Errorf("range %v", r)
	}
	ok(w.do(t, "GET", "/api/v1/series?match[]=up&match[]=down&start=1&limit=7", "", viewer))
	if s := w.query.selects; len(s.GetMatch()) != 2 || s.GetStart() != "1" || s.GetLimit() != 7 {
		t.Errorf("series %v", s)
	}
	ok(w.do(t, "POST", "/series", `{"match[]":["up"]}`, viewer, asJSON))
	ok(w.do(t, "GET", "/api/v1/label/a%2Fb%25c/values", "", viewer))
	if w.query.label != "a/b%c" {
		t.Errorf("label %q", w.query.label)
	}
	ok(w.do(t, "POST", "/prometheus/api/v1/query_range", "query=up&start=1&end=2&step=3&unknown=4", viewer, asForm))
	if p := w.query.prom; p.GetEndpoint() != "query_range" || len(p.GetParams()) != 5 {
		t.Errorf("prometheus %v", p)
	}
	ok(w.do(t, "GET", "/prometheus/api/v1/label/job/values", "", viewer))
	if p := w.query.prom; p.GetEndpoint() != "label/job/values" {
		t.Errorf("prometheus %v", p)
	}
}

func TestUnknownParametersOfReadsAreTold(t *testing.T) {
	w := begin(t)
	a := w.do(t, "POST", "/query?colour=red", `{"query":"up","tenantId":"demo","size":1}`, viewer, asJSON)
	if a.StatusCode != http.StatusOK || !strings.HasPrefix(string(a.body), `{"warnings":["unknown parameter \"size\" is ignored","unknown parameter \"colour\" is ignored"],"status"`) &&
		!strings.HasPrefix(string(a.body), `{"warnings":["unknown parameter \"colour\" is ignored","unknown parameter \"size\" is ignored"],"status"`) {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	a = w.do(t, "POST", "/api/v1/query/format", `{"query":"up","size":1}`, viewer, asJSON)
	if a.StatusCode != http.StatusOK || a.member("data") != "up" || !strings.Contains(string(a.body), `unknown parameter \"size\" is ignored`) {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	w.query.text = `{"status":"success","warnings":["theirs"]}`
	a = w.do(t, "GET", "/query?query=up2&colour=red", "", viewer)
	if strings.Count(string(a.body), `"warnings"`) != 1 || a.Header.Get("X-Mirador-Warning") == "" {
		t.Errorf("warnings of the back end: %v %s", a.Header, a.body)
	}
}

func TestCacheHeaders(t *testing.T) {
	w := begin(t)
	w.query.ttl = "60000"
	first := w.do(t, "GET", "/query?query=up", "", viewer)
	second := w.do(t, "POST", "/api/v1/query", `{"query":"up"}`, viewer, asJSON)
	bypass := w.do(t, "GET", "/query?query=up&nocache=1", "", viewer)
	if first.Header.Get("X-Cache") != "MISS" || first.Header.Get("Cache-Status") != "mirador; fwd=miss" {
		t.Errorf("first: %v", first.Header)
	}
	if second.Header.Get("X-Cache") != "HIT" || !strings.HasPrefix(second.Header.Get("Cache-Status"), "mirador; hit; ttl=") || w.query.calls != 2 {
		t.Errorf("second: %v, %d calls", second.Header, w.query.calls)
	}
	if bypass.Header.Get("X-Cache") != "BYPASS" || !w.query.instant.GetNoCache() {
		t.Errorf("bypass: %v", bypass.Header)
	}
	w.epochs.Raise("demo", 7)
	if third := w.do(t, "GET", "/query?query=up", "", viewer); third.Header.Get("X-Cache") != "MISS" {
		t.Errorf("an answer with old definitions was served: %v", third.Header)
	}
	if got := w.query.md.Get("x-mirador-definitions-epoch"); len(got) != 1 || got[0] != "7" {
		t.Errorf("epoch of the call %v", got)
	}
}

// large is longer than what is checked whole, in messages of the usual size.
func large(send func(string) error, chunks int) error {
	chunk := strings.Repeat("0123456789abcdef", 4<<10)
	for range chunks {
		if err := send(chunk); err != nil {
			return err
		}
	}
	return nil
}

func TestStream(t *testing.T) {
	w := begin(t)
	w.query.says(func(send func(string) error) error { return large(send, 50) })
	a := w.do(t, "GET", "/query?query=up", "", viewer)
	if a.err != nil || len(a.body) != 50<<16 || len(a.TransferEncoding) != 1 || a.ContentLength != -1 {
		t.Errorf("%d bytes, %v, %v", len(a.body), a.err, a.TransferEncoding)
	}
	if got := strings.Count(w.log.String(), `"endpoint":"/query"`); got != 1 {
		t.Errorf("the stream was logged %d times", got)
	}
	head := w.do(t, "HEAD", "/query?query=head", "", viewer)
	if head.StatusCode != http.StatusOK || len(head.body) != 0 {
		t.Errorf("HEAD: %d, %d bytes", head.StatusCode, len(head.body))
	}
}

// A body that breaks in the middle must not look complete: the final chunk is
// missing and the connection is closed.
func TestBrokenStreamIsCut(t *testing.T) {
	for _, coding := range []string{"identity", "gzip", "zstd"} {
		t.Run(coding, func(t *testing.T) {
			w := begin(t)
			w.query.says(func(send func(string) error) error {
				if err := large(send, 20); err != nil {
					return err
				}
				return errors.New("back end broke")
			})
			a := w.do(t, "GET", "/query?query=up", "", viewer, "Accept-Encoding: "+coding)
			if !errors.Is(a.err, io.ErrUnexpectedEOF) {
				t.Errorf("the client read %d bytes and %v", len(a.body), a.err)
			}
			if coding == "identity" && len(a.body) == 0 {
				t.Error("what had come was not passed on")
			}
			if !strings.Contains(w.log.String(), "stream answer") {
				t.Error("the log does not tell")
			}
		})
	}
}

func TestFirstBytesDoNotWaitForTheLast(t *testing.T) {
	w := begin(t)
	release := make(chan struct{})
	w.query.says(func(send func(string) error) error {
		if err := large(send, 8); err != nil {
			return err
		}
		<-release
		return send("end")
	})
	c := w.dial(t)
	_, err := io.WriteString(c, "GET /query?query=up HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"+viewer+"\r\n\r\n")
	must(t, err)
	if _, err := io.ReadFull(c, make([]byte, 8<<16)); err != nil {
		t.Errorf("nothing came before the end: %v", err)
	}
	close(release)
	if rest, err := io.ReadAll(c); err != nil || !strings.HasSuffix(string(rest), "end\r\n0\r\n\r\n") {
		t.Errorf("the end is %q, %v", rest[max(0, len(rest)-20):], err)
	}
}

// A client that left must cancel the call behind.
func TestClientThatLeavesCancelsTheCall(t *testing.T) {
	w := begin(t)
	ended := make(chan error, 1)
	w.query.says(func(send func(string) error) error {
		var err error
		for err == nil {
			err = large(send, 1)
		}
		ended <- err
		return err
	})
	c := w.dial(t)
	_, err := io.WriteString(c, "GET /query?query=up HTTP/1.1\r\nHost: a\r\n"+viewer+"\r\n\r\n")
	must(t, err)
	_, err = io.ReadFull(c, make([]byte, 1<<20))
	must(t, err)
	must(t, c.Close())
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("the call goes on without its client")
	}
}

func TestEncoding(t *testing.T) {
	w := begin(t)
	w.query.ttl = "60000"
	body := `{"status":"success","data":"` + strings.Repeat("abc", 2000) + `"}`
	w.query.text = body
	tests := []struct{ accept, want string }{
		{"gzip", "gzip"}, {"zstd", "zstd"}, {"gzip, zstd", "zstd"}, {"gzip;q=1.0, zstd;q=0.5", "gzip"}, {"", ""}, {"br", ""},
		{"gzip;q=0", ""}, {"identity", ""}, {"GZIP", "gzip"}, {"gzip;q=nonsense", ""},
	}
	for _, tt := range tests {
		for _, turn := range []string{"first", "again"} {
			a := w.do(t, "GET", "/query?query=up", "", viewer, "Accept-Encoding: "+tt.accept)
			if got := a.Header.Get("Content-Encoding"); got != tt.want {
				t.Errorf("%q %s: coding %q, want %q", tt.accept, turn, got, tt.want)
			}
			if got := unpack(t, a); got != body {
				t.Errorf("%q %s: body of %d bytes", tt.accept, turn, len(got))
			}
			if !strings.Contains(strings.Join(a.Header.Values("Vary"), ","), "Accept-Encoding") {
				t.Errorf("%q: Vary %v", tt.accept, a.Header.Values("Vary"))
			}
		}
	}
	if a := w.do(t, "GET", "/health", "", "Accept-Encoding: gzip"); a.Header.Get("Content-Encoding") != "" {
		t.Error("a tiny answer was packed")
	}
	w.query.says(func(send func(string) error) error { return large(send, 20) })
	for _, coding := range []string{"gzip", "zstd"} {
		a := w.do(t, "GET", "/query?query=large", "", viewer, "Accept-Encoding: "+coding)
		if a.err != nil || a.Header.Get("Content-Encoding") != coding || len(unpack(t, a)) != 20<<16 {
			t.Errorf("%s stream: %v, %d bytes", coding, a.err, len(a.body))
		}
		w.epochs.Raise("demo", w.epochs.Epoch("demo")+1)
	}
}

func unpack(t *testing.T, a answer) string {
	t.Helper()
	var r io.Reader = bytes.NewReader(a.body)
	switch a.Header.Get("Content-Encoding") {
	case "gzip":
		z, err := gzip.NewReader(r)
		must(t, err)
		r = z
	case "zstd":
		z, err := zstd.NewReader(r)
		must(t, err)
		defer z.Close()
		r = z
	}
	b, err := io.ReadAll(r)
	must(t, err)
	return string(b)
}

func TestDeadline(t *testing.T) {
	w := begin(t, func(s *settings) { s.http.RequestTimeout = 100 * time.Millisecond })
	block := make(chan struct{})
	defer close(block)
	w.query.says(func(func(string) error) error { <-block; return nil })
	for _, path := range []string{"/query?query=up", "/query?query=b&timeout=1h", "/query?query=c&timeout=20ms"} {
		a := w.do(t, "GET", path, "", viewer)
		a.problem(t, 504, fault.CodeTimeout)
		if !strings.Contains(string(a.body), "query service") {
			t.Errorf("the stage is not named: %s", a.body)
		}
	}
}

// With the query service gone every query is refused at once, and served again
// when it is back.
func TestQueryServiceGone(t *testing.T) {
	w := begin(t)
	if a := w.do(t, "GET", "/query?query=up", "", viewer); a.StatusCode != http.StatusOK {
		t.Fatalf("before: %d", a.StatusCode)
	}
	w.grpc.Stop()
	a := w.do(t, "GET", "/query?query=b", "", viewer)
	a.problem(t, 503, fault.CodeUnavailable)
	if a.Header.Get("Retry-After") == "" || strings.Contains(string(a.body), "127.0.0.1") {
		t.Errorf("%v %s", a.Header, a.body)
	}
	w.do(t, "GET", "/api/v1/schema/metrics/a", "", viewer).problem(t, 503, fault.CodeUnavailable)
	w.restart(t)
	for deadline := time.Now().Add(20 * time.Second); ; {
		if w.do(t, "GET", "/query?query=c", "", viewer).StatusCode == http.StatusOK {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("it does not heal")
		}
	}
}

func TestFaultsOfTheServicePass(t *testing.T) {
	w := begin(t)
	w.query.says(func(func(string) error) error {
		return fault.New(fault.CodeQueryTooExpensive, "Query too expensive").WithDetail("100001 points").WithSuggestion("use step=10s")
	})
	a := w.do(t, "GET", "/query?query=up", "", viewer)
	a.problem(t, 422, fault.CodeQueryTooExpensive)
	if a.member("detail") != "100001 points" || !strings.Contains(string(a.body), "use step=10s") {
		t.Errorf("%s", a.body)
	}
	w.query.says(func(func(string) error) error { return errors.New("dial 10.1.2.3: secret") })
	a = w.do(t, "GET", "/query?query=up", "", viewer)
	if a.StatusCode != http.StatusInternalServerError || strings.Contains(string(a.body), "10.1.2.3") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

func TestTranscodedRows(t *testing.T) {
	w := begin(t)
	a := w.do(t, "POST", "/api/v1/schema/metrics", `{"metric":"a","tags":["x"],"tenantId":"demo"}`, editor, asJSON)
	if a.StatusCode != http.StatusOK || string(a.body) != `{"status":"ok"}` || w.schema.got.GetTags()[0] != "x" {
		t.Errorf("upsert: %d %s", a.StatusCode, a.body)
	}
	if w.epochs.Epoch("demo") != 42 {
		t.Error("the epoch of the write was not noted")
	}
	for _, key := range []string{"authorization", "grpcgateway-authorization", "grpcgateway-user-agent", "x-forwarded-host"} {
		if key != "x-forwarded-host" && len(w.schema.md.Get(key)) > 0 {
			t.Errorf("header %s of the client went on", key)
		}
	}
	a = w.do(t, "GET", "/api/v1/schema/metrics/a%2Fb%3Ac.d%25e%20%C3%A9", "", viewer)
	want := `{"tenantId":"demo","metric":"a/b:c.d%e é","description":"","owner":"","tags":[],"updatedAt":null}`
	if a.StatusCode != http.StatusOK || string(a.body) != want {
		t.Errorf("get: %d %s", a.StatusCode, a.body)
	}
	if again := w.do(t, "GET", "/api/v1/schema/metrics/a%2Fb%3Ac.d%25e%20%C3%A9", "", viewer, "If-None-Match: "+a.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
		t.Errorf("with its ETag: %d", again.StatusCode)
	}
	for name, a := range map[string]answer{
		"get":  w.do(t, "GET", "/api/v1/query/format?query=a%2Bb", "", viewer),
		"form": w.do(t, "POST", "/api/v1/query/format", "query=a%2Bb", viewer, asForm),
		"json": w.do(t, "POST", "/api/v1/query/format", `{"query":"a+b"}`, viewer, asJSON),
		"head": w.do(t, "HEAD", "/api/v1/query/format?query=a%2Bb", "", viewer),
	} {
		if a.StatusCode != http.StatusOK || name != "head" && a.member("data") != "a+b" {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
}

func TestEdgeNeedsEveryHandler(t *testing.T) {
	if _, err := edge.New(edge.HTTPDefaults(), edge.CORSDefaults(), edge.Parts{Table: emptyTable(t)}); err == nil || !strings.Contains(err.Error(), "has no route") {
		t.Errorf("handlers without rows: %v", err)
	}
	if _, err := edge.New(edge.HTTPDefaults(), edge.CORSDefaults(), edge.Parts{Table: strangeTable(t)}); err == nil || !strings.Contains(err.Error(), `has no handler "nosuch"`) {
		t.Errorf("a row without a handler: %v", err)
	}
}
