package ingest

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/golang/snappy"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// maxBody bounds a request, packed and unpacked.
const maxBody = 64 << 20

var errTooBig = fmt.Errorf("too big data size exceeding %d bytes", maxBody)

// Body reads a request's body and unpacks it (gzip, deflate, zstd, snappy). A
// form has none: the real servers lose it while they look for parameters.
func Body(r *http.Request) ([]byte, error) { return read(r, maxBody) }

func read(r *http.Request, limit int64) ([]byte, error) {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return nil, nil
	}
	from, err := unpack(io.LimitReader(r.Body, limit+1), r.Header.Get("Content-Encoding"), limit)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(from, limit+1))
	if err == nil && int64(len(body)) > limit {
		err = errTooBig
	}
	return body, err
}

func unpack(r io.Reader, encoding string, limit int64) (io.Reader, error) {
	switch encoding {
	case "gzip":
		return gzip.NewReader(r)
	case "deflate":
		return zlib.NewReader(r)
	case "zstd":
		return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(limit)))
	case "snappy":
		packed, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		body, err := unsnap(packed, limit)
		return strings.NewReader(string(body)), err
	}
	return r, nil
}

// unsnap unpacks a snappy block whose unpacked size is within bounds.
func unsnap(packed []byte, limit int64) ([]byte, error) {
	n, err := snappy.DecodedLen(packed)
	if err == nil && int64(n) > limit {
		err = snappy.ErrTooLarge
	}
	if err != nil {
		return nil, err
	}
	return snappy.Decode(nil, packed)
}
