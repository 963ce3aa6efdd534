package relay

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// ask relays what a real HTTP server answers.
func ask(ctx context.Context, t *testing.T, answer http.HandlerFunc) (*recorder, *shelf, error) {
	t.Helper()
	server := httptest.NewServer(answer)
	defer server.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	to, tee := &recorder{}, &shelf{}
	_, err = New().Copy(ctx, to, res.Body, Job{Finish: finish, Tee: tee})
	return to, tee, err
}

func TestGzipOfTheBackEnd(t *testing.T) {
	to, tee, err := ask(t.Context(), t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, vector(20_000))
		_ = z.Close()
	})
	if err != nil || !tee.committed || to.body.Len() < len(vector(20_000)) {
		t.Errorf("error %v, %d bytes", err, to.body.Len())
	}
}

func TestBackEndDiesInMidAnswer(t *testing.T) {
	for _, cut := range []int{10, 100 << 10, 700 << 10} {
		to, tee, err := ask(t.Context(), t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, vector(20_000)[:cut])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		})
		if err == nil || tee.committed || (cut < checked) != (to.header == nil) {
			t.Errorf("cut at %d: error %v, committed %v, header %v", cut, err, tee.committed, to.header)
		}
	}
}

func TestBackEndStopsSending(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, tee, err := ask(ctx, t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, vector(3)[:50])
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	if err == nil || tee.committed {
		t.Errorf("error %v, committed %v", err, tee.committed)
	}
}
