package bulk_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/services/schema/internal/bulk"
)

// BenchmarkParse checks the largest file: 10,000 rows in 5 MiB.
func BenchmarkParse(b *testing.B) {
	var text strings.Builder
	text.WriteString("metric,description,tags_json,label,label_type,label_required,label_allowed_json,label_description\n")
	for i := range 10_000 {
		fmt.Fprintf(&text, "metric_%04d,%s,\"[\"\"team=x\"\",\"\"b\"\"]\",label_%d,string,true,\"{\"\"values\"\":[\"\"a\"\",\"\"b\"\"]}\",What it is.\n",
			i/4, strings.Repeat("x", 390), i)
	}
	data := []byte(text.String())
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		p, err := bulk.Parse(bulk.File{Kind: bulk.Metrics, Data: data, Tenant: "acme"}, bulk.Limits{Bytes: 5 << 20})
		if err != nil || len(p.Changes) != 12_500 {
			b.Fatal(err)
		}
	}
}
