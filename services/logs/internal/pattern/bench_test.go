package pattern

import "testing"

func BenchmarkAdd(b *testing.B) {
	m := New(Limits{})
	r := Row{Message: `request served path=/api/orders/123 status=200 took=10ms trace=0af7651916cd43dd8448eb211c80319c user="ann b"`,
		Service: "shop", Level: "info", Time: began}
	b.ReportAllocs()
	for b.Loop() {
		m.Add(r, Asked)
	}
}
