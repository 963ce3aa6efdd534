module github.com/platformbuilds/mirador-core/services/query

go 1.26.0

require (
	github.com/VictoriaMetrics/metricsql v0.87.0
	github.com/klauspost/compress v1.20.3
	github.com/platformbuilds/mirador-core/libs v0.0.0
	github.com/platformbuilds/mirador-core/proto v0.0.0
	go.uber.org/goleak v1.3.0
	google.golang.org/genproto/googleapis/api v0.0.0-20261012220534-4341edf3f941
	google.golang.org/grpc v1.85.0
	google.golang.org/protobuf v1.36.12
	pgregory.net/rapid v1.3.0
)

replace github.com/platformbuilds/mirador-core/proto => ../../proto

replace github.com/platformbuilds/mirador-core/libs => ../../libs
