module github.com/platformbuilds/mirador-core/e2e

go 1.26.0

require go.uber.org/goleak v1.3.0

require github.com/stretchr/testify v1.12.1 // indirect

replace github.com/platformbuilds/mirador-core/proto => ../proto

replace github.com/platformbuilds/mirador-core/libs => ../libs
