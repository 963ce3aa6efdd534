package rpc

import "testing"

func TestBuffersFitAndServeAgain(t *testing.T) {
	b := buffers()
	for _, length := range []int{0, 1, 256, 257, 127 << 10, 1 << 20, 1<<20 + 1} {
		for range 3 {
			buffer := b.Get(length)
			if len(*buffer) != length {
				t.Fatalf("asked for %d bytes, got %d", length, len(*buffer))
			}
			*buffer = (*buffer)[:0]
			b.Put(buffer)
		}
	}
	odd := make([]byte, 5, 300)
	b.Put(&odd)
	if got := b.Get(280); cap(*got) != 4<<10 {
		t.Errorf("a foreign buffer of %d bytes came back", cap(*got))
	}
}
