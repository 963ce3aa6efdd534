module github.com/platformbuilds/mirador-core/e2e

go 1.26.0

require (
	github.com/platformbuilds/mirador-core/libs v0.0.0
	github.com/platformbuilds/mirador-core/proto v0.0.0
	go.uber.org/goleak v1.3.0
	google.golang.org/grpc v1.85.0
)

replace github.com/platformbuilds/mirador-core/proto => ../proto

replace github.com/platformbuilds/mirador-core/libs => ../libs
