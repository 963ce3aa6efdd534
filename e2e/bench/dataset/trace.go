package dataset

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/http"
	"time"
)

// TraceID of the trace that WriteTrace writes.
const TraceID = "be7c0000000000000000000000000001"

// spans of that trace: enough for a large batch job, few enough for a page.
const spans = 2000

// WriteTrace writes one trace of 2,000 spans, each with five attributes, for
// the tenant demo, as OTLP.
func WriteTrace(base string) error {
	begin := time.Now().Add(-10 * time.Minute).UnixNano()
	scope := []byte(nil)
	for n := range spans {
		scope = field(scope, 2, span(n, begin))
	}
	service := keyValue("service.name", "bench-service")
	resource := field(nil, 1, field(nil, 1, service))
	body := field(nil, 1, append(resource, field(nil, 2, scope)...))
	req, err := http.NewRequest(http.MethodPost, base+"/insert/opentelemetry/v1/traces", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	req.Header.Set("AccountID", "1")
	req.Header.Set("ProjectID", "0")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("write trace: status %d", resp.StatusCode)
	}
	return nil
}

// span is one opentelemetry.proto.trace.v1.Span; the parent of the n-th is the
// n/4-th.
func span(n int, begin int64) []byte {
	var trace [16]byte
	trace[0], trace[1], trace[15] = 0xbe, 0x7c, 1
	b := field(nil, 1, trace[:])
	b = field(b, 2, spanID(n))
	if n > 0 {
		b = field(b, 4, spanID(n/4))
	}
	b = field(b, 5, fmt.Appendf(nil, "operation %d", n%17))
	b = append(b, 6<<3, 2) // kind: server
	b = fixed(b, 7, uint64(begin+int64(n)*1000))
	b = fixed(b, 8, uint64(begin+int64(n)*1000+int64(spans-n)*5000))
	for i := range 5 {
		b = field(b, 9, keyValue(fmt.Sprintf("attribute.%d", i), fmt.Sprintf("value %d of span %d", i, n)))
	}
	return b
}

func spanID(n int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)+1) }

func keyValue(key, value string) []byte {
	return field(field(nil, 1, []byte(key)), 2, field(nil, 1, []byte(value)))
}

// field appends a length-delimited field of the protobuf wire format.
func field(b []byte, number int, value []byte) []byte {
	b = append(b, byte(number<<3|2))
	b = binary.AppendUvarint(b, uint64(len(value)))
	return append(b, value...)
}

func fixed(b []byte, number int, value uint64) []byte {
	return binary.LittleEndian.AppendUint64(append(b, byte(number<<3|1)), value)
}
