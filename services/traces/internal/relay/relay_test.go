package relay

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/rpc"
	"github.com/platformbuilds/mirador-core/services/traces/internal/splice"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder is a stream that keeps what is sent.
type recorder struct {
	header, trailer metadata.MD
	body            strings.Builder
	messages        int
	largest         int
}

func (r *recorder) SendHeader(md metadata.MD) error {
	if r.header != nil {
		return errors.New("header sent twice")
	}
	r.header = md
	return nil
}
func (r *recorder) SetHeader(md metadata.MD) error { return r.SendHeader(md) }
func (r *recorder) SetTrailer(md metadata.MD)      { r.trailer = metadata.Join(r.trailer, md) }
func (r *recorder) Send(m *httpbody.HttpBody) error {
	if r.header == nil || (r.messages == 0) != (m.ContentType == contentType) {
		return errors.New("header or content type out of order")
	}
	r.messages++
	r.largest = max(r.largest, len(m.Data))
	r.body.Write(m.Data)
	return nil
}

func element(n int) string { return `{"traceID":"a","x":"` + strings.Repeat("x", n) + `"}` }

func TestSmallBodiesAreWhole(t *testing.T) {
	r := &recorder{}
	b := NewBody(r)
	b.Keep(time.Minute)
	b.Warn("%d left out", 3)
	_, _ = b.Write([]byte(`[`))
	count, err := b.Elements(iotest.OneByteReader(strings.NewReader(`{"total":2,"data":[` + element(3) + `,` + element(4) + `]}`)))
	if err != nil || count != 2 || b.Opened() {
		t.Fatalf("got %d, %v, opened %t", count, err, b.Opened())
	}
	_, _ = b.Write([]byte(`]`))
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	want := `[` + element(3) + `,` + element(4) + `]`
	if r.body.String() != want || r.header.Get(rpc.KeyLength)[0] != strconv.Itoa(len(want)) || r.header.Get(rpc.KeyCache)[0] != "miss" ||
		r.header.Get(rpc.KeyWarning)[0] != "3 left out" || r.trailer.Get(rpc.KeyCacheTTL)[0] != "60000" {
		t.Errorf("got %s, %v, %v", r.body.String(), r.header, r.trailer)
	}
}

func TestLargeBodiesStream(t *testing.T) {
	r := &recorder{}
	b := NewBody(r)
	answer := `{"data":[` + element(1<<20) + `,` + element(10) + `]}`
	count, err := b.Elements(strings.NewReader(answer))
	if err != nil || count != 2 || !b.Opened() {
		t.Fatalf("got %d, %v, opened %t", count, err, b.Opened())
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if r.body.String() != answer[9:len(answer)-2] || len(r.header.Get(rpc.KeyLength)) > 0 || r.largest > piece || r.header.Get(rpc.KeyCache)[0] != "bypass" {
		t.Errorf("got %d bytes in messages up to %d, %v", r.body.Len(), r.largest, r.header)
	}
}

func TestBrokenAnswers(t *testing.T) {
	torn := errors.New("torn")
	for name, tt := range map[string]struct {
		source io.Reader
		want   error
		opened bool
	}{
		"cut":       {strings.NewReader(`{"data":[{"a":`), splice.ErrBroken, false},
		"no JSON":   {strings.NewReader(`{"data":[{"a":tru}]}`), splice.ErrBroken, false},
		"torn":      {io.MultiReader(strings.NewReader(`{"data":[`), iotest.ErrReader(torn)), torn, false},
		"late":      {io.MultiReader(strings.NewReader(`{"data":[`+element(1<<20)), iotest.ErrReader(torn)), torn, true},
		"late, cut": {strings.NewReader(`{"data":[` + element(1<<20)), splice.ErrBroken, true},
	} {
		b := NewBody(&recorder{})
		if _, err := b.Elements(tt.source); !errors.Is(err, tt.want) || b.Opened() != tt.opened {
			t.Errorf("%s: got %v, opened %t", name, err, b.Opened())
		}
	}
}

func BenchmarkElements(b *testing.B) {
	span := `{"duration":60000,"logs":[],"operationName":"charge","processID":"p1","references": [{"refType":"CHILD_OF","spanID":"0000000000000032","traceID":"00000000000000000000000000abc003"}],"spanID":"0000000000000033","startTime":1795169700020000,"tags": [{"key":"span.kind","type":"string","value":"client"},{"key":"otel.scope.name","type":"string","value":"grpc"},{"key":"peer.service","type":"string","value":"payment"},{"key":"error","type":"string","value":"unset"}],"traceID":"00000000000000000000000000abc003","warnings":null}`
	answer := `{"data":[{"processes":{},"spans":[` + strings.Repeat(span+",", 1999) + span + `]}]}`
	b.SetBytes(int64(len(answer)))
	b.ReportAllocs()
	for b.Loop() {
		body := NewBody(discard{})
		if _, err := body.Elements(strings.NewReader(answer)); err != nil {
			b.Fatal(err)
		}
	}
}

type discard struct{}

func (discard) SetHeader(metadata.MD) error   { return nil }
func (discard) SendHeader(metadata.MD) error  { return nil }
func (discard) SetTrailer(metadata.MD)        {}
func (discard) Send(*httpbody.HttpBody) error { return nil }
