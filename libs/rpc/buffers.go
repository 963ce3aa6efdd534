package rpc

import (
	"fmt"

	"google.golang.org/grpc/mem"
)

// buffers returns a pool for messages. Bodies come in messages of just under
// 128 KiB; gRPC's own pool has nothing between 32 KiB and 1 MiB, so that each
// of them would take, and clear, a buffer eight times its size.
func buffers() (mem.BufferPool, error) {
	pool, err := mem.NewBinaryTieredBufferPool(8, 12, 14, 15, 17, 18, 20)
	if err != nil {
		return nil, fmt.Errorf("message buffers: %w", err)
	}
	return pool, nil
}
