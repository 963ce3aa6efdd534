// Package export sends all rows of a query as one body, in memory that does not
// grow with it. The trailers say how many rows it has and what its bytes hash to;
// a body without them is not complete.
package export

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"strconv"

	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	"github.com/platformbuilds/mirador-core/services/logs/internal/answer"
	"github.com/platformbuilds/mirador-core/services/logs/internal/encode"
	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
)

// Rows are what is exported, in the order of the back end.
type Rows interface {
	// Read fills in the next row; io.EOF after the last, else a fault.
	Read(into *row.Row) error
	// Skipped counts rows that were too long to be read.
	Skipped() int
}

// Job says how rows are sent.
type Job struct {
	// Format of the body.
	Format encode.Format
	// Fields are the columns of tabular formats.
	Fields []string
	// Filename under which a client should keep the body.
	Filename string
}

// Run sends the rows. An error before the first byte has left is a status for
// the caller; one after it must break the stream, which returning it from the
// handler does. The rows are not closed.
func Run(rows Rows, job Job, to answer.Stream) error {
	out := answer.NewWriter(to, job.Format.ContentType(), metadata.Pairs(rpc.KeyFilename, job.Filename))
	defer out.Abandon()
	sum := &digest{to: out, hash: sha256.New()}
	count, err := copyRows(rows, job, sum)
	if err != nil {
		return err
	}
	return out.Close(metadata.Pairs(rpc.KeyRows, strconv.FormatUint(count, 10), rpc.KeyChecksum, sum.text()))
}

func copyRows(rows Rows, job Job, to io.Writer) (count uint64, err error) {
	encoder, err := encode.New(job.Format, to, job.Fields)
	if err != nil {
		return 0, err
	}
	var r row.Row
	for {
		if err := rows.Read(&r); err != nil {
			return count, finish(rows, encoder, err)
		}
		if err := encoder.Encode(&r); err != nil {
			return count, err
		}
		count++
	}
}

// finish completes the body after the last row, unless one is missing.
func finish(rows Rows, encoder encode.Encoder, err error) error {
	if !errors.Is(err, io.EOF) {
		return err
	}
	if n := rows.Skipped(); n > 0 {
		return fault.New(fault.CodeAnswerTooLarge, "Log export failed").
			WithDetail("%d rows are longer than %d bytes", n, row.MaxLine)
	}
	return encoder.Close()
}

// digest hashes what passes.
type digest struct {
	to   io.Writer
	hash hash.Hash
}

func (d *digest) Write(p []byte) (int, error) {
	// A hash never fails.
	_, _ = d.hash.Write(p)
	return d.to.Write(p)
}

func (d *digest) text() string { return "sha256=" + hex.EncodeToString(d.hash.Sum(nil)) }
