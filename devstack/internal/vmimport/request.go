package vmimport

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/klauspost/compress/gzip"
)

func (c *Client) request(ctx context.Context, to string, body []byte) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("build import request: %w", err)
	}
	request.Header.Set("Content-Type", "text/plain")
	request.Header.Set("Content-Encoding", "gzip")
	if c.options.Username != "" {
		request.SetBasicAuth(c.options.Username, c.options.Password)
	}
	return request, nil
}

// squeeze compresses for speed: the other end is usually this very machine.
func squeeze(text []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("compress import: %w", err)
	}
	if _, err := w.Write(text); err != nil {
		return nil, fmt.Errorf("compress import: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress import: %w", err)
	}
	return b.Bytes(), nil
}
