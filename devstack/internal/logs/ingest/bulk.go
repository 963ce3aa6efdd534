package ingest

import (
	"bytes"
	"strconv"
	"time"
)

// Bulk reads Elasticsearch's _bulk: a line with the action, then one with the
// document. It returns one "created" a document.
func Bulk(body []byte, c Columns, now time.Time, streams *Streams) (rows []Row, documents int) {
	if len(c.Time) == 0 {
		c.Time = []string{"@timestamp"}
	}
	for lines := (lineReader{body}); ; documents++ {
		_, ok := lines.next()
		document, more := lines.next()
		if !ok || !more {
			return rows, documents
		}
		fields, err := Flatten(document, nil)
		if err != nil {
			continue
		}
		if row, ok := c.Row(fields, now, streams); ok {
			rows = append(rows, row)
		}
	}
}

// bulkAnswer is what a client of _bulk reads.
func bulkAnswer(took time.Duration, documents int) []byte {
	b := append([]byte(`{"took":`), strconv.FormatInt(took.Milliseconds(), 10)...)
	b = append(b, `,"errors":false,"items":[`...)
	b = append(b, bytes.TrimSuffix(bytes.Repeat([]byte(`{"create":{"status":201}},`), documents), []byte(","))...)
	return append(b, "]}"...)
}
