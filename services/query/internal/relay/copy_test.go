package relay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	"github.com/platformbuilds/mirador-core/services/query/internal/splice"
)

func TestPublicBody(t *testing.T) {
	cases := []struct {
		name, answer string
		job          Job
		want         string
	}{
		{"query", `{"status":"success","isPartial":false,"data":{"resultType":"vector","result":[{"metric":{},"value":[1,"2"]}]},"stats":{"seriesFetched": "1"}}`,
			Job{Finish: finish},
			`{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"2"]}]},"metadata":{"seriesCount":1,"cached":false},"definitions":{"metrics":{}},"isPartial":false,"stats":{"seriesFetched": "1"}}`},
		{"Prometheus shape", `{"status":"success","data":[ "a" ],"trace":{},"infos":["i"]}`,
			Job{Finish: plainFinish}, `{"status":"success","data":[ "a" ],"infos":["i"]}`},
		{"wrapped", `{"status":"success","data":["a","b"]}`,
			Job{DataBegin: []byte(`{"names":`), Finish: func(_ context.Context, f splice.Facts) (Tail, error) {
				return Tail{DataEnd: []byte(`,"total":2}`), Warnings: []string{`q"`}}, nil
			}},
			`{"status":"success","data":{"names":["a","b"],"total":2},"warnings":["q\""]}`},
		{"warnings of both", `{"warnings":["theirs"],"status":"success","data":[]}`,
			Job{Finish: func(context.Context, splice.Facts) (Tail, error) {
				return Tail{Metadata: []byte(`{}`), Warnings: []string{"ours"}}, nil
			}},
			`{"status":"success","data":[],"metadata":{},"definitions":null,"warnings":["theirs","ours"]}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			to := &recorder{}
			_, err := New().Copy(t.Context(), to, iotest.OneByteReader(strings.NewReader(c.answer)), c.job)
			if err != nil || to.body.String() != c.want {
				t.Errorf("error %v\n got %s\nwant %s", err, to.body.String(), c.want)
			}
			if !json.Valid([]byte(to.body.String())) {
				t.Error("body is not JSON")
			}
		})
	}
}

func TestWholeAnswerSaysSo(t *testing.T) {
	to, tee := &recorder{}, &shelf{}
	job := Job{Finish: finish, Tee: tee, Header: metadata.Pairs(rpc.KeyEpoch, "7")}
	facts, err := New().Copy(t.Context(), to, strings.NewReader(vector(3)), job)
	if err != nil || facts.Series != 3 || to.messages != 1 {
		t.Fatalf("error %v, facts %+v, %d messages", err, facts, to.messages)
	}
	if to.first(to.header, rpc.KeyLength) == "" || to.first(to.header, rpc.KeyCache) != "miss" || to.first(to.header, rpc.KeyEpoch) != "7" {
		t.Errorf("header %v", to.header)
	}
	checkStored(t, to, tee)
}

// checkStored holds the form that each cache level builds against the other.
func checkStored(t *testing.T, to *recorder, tee *shelf) {
	t.Helper()
	body := to.body.String()
	want := strings.Replace(body, `{"seriesCount":3,"cached":false}`, `{"cached":true,"cacheHit":true}`, 1)
	if !tee.committed || tee.stored != want || tee.ttl != time.Minute || want == body {
		t.Errorf("stored %s for %v\nwant %s", tee.stored, tee.ttl, want)
	}
	var start, end int
	if _, err := fmt.Sscanf(to.first(to.trailer, rpc.KeyMetadataAt), "%d,%d", &start, &end); err != nil {
		t.Fatalf("trailer %v: %v", to.trailer, err)
	}
	if got := body[:start] + to.first(to.trailer, rpc.KeyHitMetadata) + body[end:]; got != want {
		t.Errorf("trailer gives %s\nwant %s", got, want)
	}
	if to.first(to.trailer, rpc.KeyCacheTTL) != "60000" {
		t.Errorf("trailer %v", to.trailer)
	}
}

func TestLargeAnswerStreamsInPieces(t *testing.T) {
	answer := vector(30_000)
	to, tee := &recorder{}, &shelf{}
	_, err := New().Copy(t.Context(), to, strings.NewReader(answer), Job{Finish: finish, Tee: tee})
	if err != nil {
		t.Fatal(err)
	}
	if to.first(to.header, rpc.KeyLength) != "" || to.messages < 5 || to.largest > piece {
		t.Errorf("header %v, %d messages up to %d bytes", to.header, to.messages, to.largest)
	}
	if !strings.HasPrefix(to.body.String(), `{"status":"success","data":`+dataOf(t, answer)+`,"metadata":{"seriesCount":30000`) {
		t.Error("data was changed on the way")
	}
	if !strings.Contains(tee.stored, `"cacheHit":true`) || !json.Valid([]byte(tee.stored)) {
		t.Error("stored form is not right")
	}
}

func TestDoubtfulAnswersAreNotCached(t *testing.T) {
	for name, answer := range map[string]string{
		"partial":           `{"status":"success","isPartial":true,"data":[]}`,
		"warned":            `{"status":"success","data":[],"warnings":["one store is away"]}`,
		"oversized warning": `{"status":"success","data":[],"warnings":["` + strings.Repeat("x", 70<<10) + `"]}`,
	} {
		to, tee := &recorder{}, &shelf{}
		if _, err := New().Copy(t.Context(), to, strings.NewReader(answer), Job{Finish: finish, Tee: tee}); err != nil {
			t.Fatal(err)
		}
		if tee.ttl != 0 || to.first(to.trailer, rpc.KeyCacheTTL) != "" {
			t.Errorf("%s: stored for %v, trailer %v", name, tee.ttl, to.trailer)
		}
	}
}

func TestSmallBrokenAnswersAreFaults(t *testing.T) {
	whole := vector(40)
	for cut := range len(whole) {
		to, tee := &recorder{}, &shelf{}
		_, err := New().Copy(t.Context(), to, strings.NewReader(whole[:cut]), Job{Finish: finish, Tee: tee, Message: "Query execution failed"})
		checkRefused(t, to, tee, err, fault.CodeBackendFailed)
	}
}

func checkRefused(t *testing.T, to *recorder, tee *shelf, err error, code fault.Code) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != code || f.Message != "Query execution failed" {
		t.Errorf("error %v, want %s", err, code)
	}
	if to.header != nil || to.messages > 0 || tee.committed || !tee.abandoned {
		t.Errorf("something was sent or stored: %+v %+v", to.header, tee)
	}
}

func TestReadFaults(t *testing.T) {
	broken := errors.New("connection reset")
	past, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	gone, leave := context.WithCancel(t.Context())
	leave()
	cases := []struct {
		name string
		ctx  context.Context
		body io.Reader
		want fault.Code
	}{
		{"reset", t.Context(), iotest.ErrReader(broken), fault.CodeBackendFailed},
		{"reset behind the last brace", t.Context(), io.MultiReader(strings.NewReader(vector(1)), iotest.ErrReader(broken)), fault.CodeBackendFailed},
		{"deadline", past, iotest.ErrReader(context.DeadlineExceeded), fault.CodeTimeout},
		{"client left", gone, iotest.ErrReader(context.Canceled), fault.CodeCanceled},
		{"status in a 200", t.Context(), strings.NewReader(`{"status":"error","errorType":"422","error":"no"}`), fault.CodeQueryRejected},
		{"other status in a 200", t.Context(), strings.NewReader(`{"status":"error","errorType":"503","error":"no"}`), fault.CodeBackendFailed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			to, tee := &recorder{}, &shelf{}
			_, err := New().Copy(c.ctx, to, c.body, Job{Finish: finish, Tee: tee, Message: "Query execution failed"})
			checkRefused(t, to, tee, err, c.want)
		})
	}
}

func TestPoolsOwnFaultsPass(t *testing.T) {
	own := fault.New(fault.CodeAnswerTooLarge, "too large")
	_, err := New().Copy(t.Context(), &recorder{}, iotest.ErrReader(own), Job{Finish: finish})
	if !errors.Is(err, own) {
		t.Errorf("error %v", err)
	}
}

func TestBrokenStreamNeverLooksComplete(t *testing.T) {
	whole := vector(12_000)
	edges := []int{checked - 1, checked, checked + piece, checked + 2*piece + 1, len(whole) - 3, len(whole) - 1}
	for _, cut := range edges {
		to, tee := &recorder{}, &shelf{}
		_, err := New().Copy(t.Context(), to, strings.NewReader(whole[:cut]), Job{Finish: finish, Tee: tee})
		if err == nil || tee.committed || !tee.abandoned || json.Valid([]byte(to.body.String())) {
			t.Errorf("cut at %d: error %v, committed %v", cut, err, tee.committed)
		}
		if sent := to.body.String(); cut > checked+2*piece && !strings.HasPrefix(sent, `{"status":"success","data":{"resultType"`) {
			t.Errorf("cut at %d: nothing was streamed", cut)
		}
	}
}

func TestTooManySeries(t *testing.T) {
	for name, n := range map[string]int{"before the first byte": 50, "in the stream": 20_000} {
		to, tee := &recorder{}, &shelf{}
		_, err := New().Copy(t.Context(), to, strings.NewReader(vector(n)), Job{Finish: finish, Tee: tee, MaxSeries: n - 1})
		var f *fault.Error
		if !errors.As(err, &f) || f.Code != fault.CodeQueryTooExpensive || len(f.Suggestions) == 0 {
			t.Errorf("%s: error %v", name, err)
		}
		if tee.committed || (n == 50) != (to.header == nil) {
			t.Errorf("%s: committed %v, header %v", name, tee.committed, to.header)
		}
		if _, err := New().Copy(t.Context(), &recorder{}, strings.NewReader(vector(n)), Job{Finish: finish, MaxSeries: n}); err != nil {
			t.Errorf("%s: at the limit: %v", name, err)
		}
	}
}

func TestFinisherFaultFailsTheAnswer(t *testing.T) {
	want := fault.New(fault.CodeUnavailable, "no definitions")
	to, tee := &recorder{}, &shelf{}
	_, err := New().Copy(t.Context(), to, strings.NewReader(vector(1)), Job{Tee: tee, Finish: func(context.Context, splice.Facts) (Tail, error) {
		return Tail{}, want
	}})
	if !errors.Is(err, want) || to.header != nil || !tee.abandoned {
		t.Errorf("error %v, header %v", err, to.header)
	}
}

func TestClientGoneEndsTheRelay(t *testing.T) {
	to, tee := &recorder{failAfter: 1}, &shelf{}
	_, err := New().Copy(t.Context(), to, strings.NewReader(vector(30_000)), Job{Finish: finish, Tee: tee})
	if err == nil || tee.committed || !tee.abandoned {
		t.Errorf("error %v, committed %v", err, tee.committed)
	}
}

func TestReplay(t *testing.T) {
	body := []byte(strings.Repeat("x", 3*checked))
	to := &recorder{}
	if err := New().Replay(to, body, 1500*time.Millisecond, metadata.Pairs(rpc.KeyEpoch, "9")); err != nil {
		t.Fatal(err)
	}
	if to.body.String() != string(body) || to.first(to.header, rpc.KeyCache) != "hit" || to.first(to.header, rpc.KeyEpoch) != "9" ||
		to.first(to.header, rpc.KeyLength) != "786432" || to.first(to.trailer, rpc.KeyCacheTTL) != "1500" {
		t.Errorf("header %v, trailer %v, %d bytes", to.header, to.trailer, to.body.Len())
	}
}

func TestHitMetadataFitsATrailer(t *testing.T) {
	in := []byte(`{"timeRange":"ü 😀` + "\x7f\n" + `"}`)
	out := ascii(in)
	var want, got map[string]string
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(in), "\n", " ")), &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || got["timeRange"] != want["timeRange"] {
		t.Errorf("%s: error %v, got %q", out, err, got)
	}
	for _, c := range []byte(out) {
		if c < ' ' || c > '~' {
			t.Errorf("byte %x in %s", c, out)
		}
	}
}
