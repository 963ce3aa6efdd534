package volume

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/platformbuilds/mirador-core/e2e/proc"
)

// peak is what gateway and logs service may take together while a million rows
// pass: far less than the rows themselves.
const peak = 256 << 20

// export opens an export of the bulk rows.
func export(ctx context.Context, t *testing.T, format string, limit int) *http.Response {
	t.Helper()
	path := fmt.Sprintf("%s/api/v1/logs/export?query=%s&format=%s&limit=%d&start=%d&end=%d", viewer.URL,
		url.QueryEscape("service:=bulk"), format, limit, begin.UnixMilli(), end.UnixMilli())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+viewer.Token)
	transport := &http.Transport{DisableCompression: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close(); transport.CloseIdleConnections() })
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("status %d", resp.StatusCode)
	}
	return resp
}

// TestMillionRowsExported reads a million rows and looks at the memory of the
// two processes that they pass through.
func TestMillionRowsExported(t *testing.T) {
	const million = 1_000_000
	for _, service := range []string{"gateway", "logs"} {
		if err := proc.ResetPeak(pid(t, service)); err != nil {
			t.Fatal(err)
		}
	}
	resp := export(t.Context(), t, "ndjson", million)
	sum, lines, size := sha256.New(), 0, 0
	r := bufio.NewReaderSize(resp.Body, 1<<20)
	for {
		line, err := r.ReadSlice('\n')
		if err == io.EOF && len(line) == 0 {
			break
		}
		if err != nil {
			t.Fatalf("after %d rows: %v", lines, err)
		}
		_, _ = sum.Write(line)
		size += len(line)
		lines++
	}
	if lines != million || resp.Trailer.Get("X-Mirador-Rows") != fmt.Sprint(million) {
		t.Errorf("%d rows, trailer %q", lines, resp.Trailer.Get("X-Mirador-Rows"))
	}
	if want := "sha256=" + hex.EncodeToString(sum.Sum(nil)); resp.Trailer.Get("X-Mirador-Checksum") != want {
		t.Errorf("checksum %q, the body has %s", resp.Trailer.Get("X-Mirador-Checksum"), want)
	}
	total := 0
	for _, service := range []string{"gateway", "logs"} {
		rss, err := proc.PeakRSS(pid(t, service))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("peak of %s: %d MiB while %d MiB passed", service, rss>>20, size>>20)
		total += rss
	}
	if total > peak {
		t.Errorf("peak of both: %d MiB, at most %d", total>>20, peak>>20)
	}
}

// TestCancelledExportEndsUpstream leaves in the middle and waits until nothing
// of it is left in the logs service.
func TestCancelledExportEndsUpstream(t *testing.T) {
	before, err := proc.Files(pid(t, "logs"))
	if err != nil {
		t.Fatal(err)
	}
	goroutines := running.Goroutines(t, logs)
	ctx, cancel := context.WithCancel(t.Context())
	for range 5 {
		resp := export(ctx, t, "csv", 0)
		if _, err := io.CopyN(io.Discard, resp.Body, 1<<20); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	eventually(t, "nothing of the exports is left", func() bool {
		now, err := proc.Files(pid(t, "logs"))
		return err == nil && now <= before+2 && running.Goroutines(t, logs) <= goroutines+4
	})
}
