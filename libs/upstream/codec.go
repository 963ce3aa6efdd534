package upstream

import (
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds the memory that a compressed answer can ask for.
const maxWindow = 8 << 20

// codec is the reader of one content coding.
type codec struct {
	reader io.Reader
	// plain tells that nothing is decompressed.
	plain bool
	close func()
}

// open gives the decompressed body. Codings that were not asked for are read
// nevertheless; unknown and stacked ones are an error.
func open(encoding string, body io.Reader) (codec, error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return codec{reader: body, plain: true, close: func() {}}, nil
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(body)
		if err != nil {
			return codec{}, fmt.Errorf("open gzip: %w", err)
		}
		return codec{reader: z, close: func() { _ = z.Close() }}, nil
	case "zstd":
		z, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
		if err != nil {
			return codec{}, fmt.Errorf("open zstd: %w", err)
		}
		return codec{reader: z, close: z.Close}, nil
	}
	return codec{}, fmt.Errorf("unknown content coding %q", encoding)
}
