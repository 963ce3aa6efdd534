package rpc

import (
	"sync"

	"google.golang.org/grpc/mem"
)

// bufferSizes of messages. Bodies come in messages of just under 128 KiB;
// gRPC's own pool has nothing between 32 KiB and 1 MiB, so that each of them
// would take a buffer eight times its size.
func bufferSizes() []int {
	return []int{256, 4 << 10, 16 << 10, 32 << 10, 128 << 10, 256 << 10, 1 << 20}
}

// messageBuffers is a pool for messages. Other than gRPC's, it does not clear
// what it gives out: gRPC fills every buffer that it takes before it reads it,
// and clearing was a tenth of the work on bodies.
type messageBuffers struct {
	sizes []int
	pools []sync.Pool
}

func buffers() mem.BufferPool {
	sizes := bufferSizes()
	return &messageBuffers{sizes: sizes, pools: make([]sync.Pool, len(sizes))}
}

// Get implements mem.BufferPool.
func (b *messageBuffers) Get(length int) *[]byte {
	for i, size := range b.sizes {
		if length > size {
			continue
		}
		if buffer, ok := b.pools[i].Get().(*[]byte); ok {
			*buffer = (*buffer)[:length]
			return buffer
		}
		buffer := make([]byte, length, size)
		return &buffer
	}
	buffer := make([]byte, length)
	return &buffer
}

// Put implements mem.BufferPool. A buffer of no size of ours is let go.
func (b *messageBuffers) Put(buffer *[]byte) {
	for i, size := range b.sizes {
		if cap(*buffer) == size {
			b.pools[i].Put(buffer)
			return
		}
	}
}
