// Generate writes what is derived from the route table: docs/routes.md,
// docs/routes.json and the OpenAPI document. Run it from the gateway's folder:
//
//	go run ./internal/openapi/generate -root ..
//
// The OpenAPI part that comes from the protos, proto.yaml, is made by
// protoc-gen-openapi with the template beside this file.
package main

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/platformbuilds/mirador-core/gateway/internal/openapi/compose"
	"github.com/platformbuilds/mirador-core/gateway/internal/route"

	// The table is read from the registry, so the protos must be linked in.
	_ "github.com/platformbuilds/mirador-core/gateway/internal/transcode"
)

func main() {
	root := flag.String("root", "..", "root of the repository")
	flag.Parse()
	if err := run(*root); err != nil {
		slog.Error("generate", "error", err)
		os.Exit(1)
	}
}

func run(root string) error {
	table, err := route.Load(protoregistry.GlobalFiles)
	if err != nil {
		return fmt.Errorf("load route table: %w", err)
	}
	list, err := table.JSON()
	if err != nil {
		return fmt.Errorf("write route list: %w", err)
	}
	folder := filepath.Join(root, "gateway", "internal", "openapi")
	document, err := compose.Files(table, filepath.Join(folder, "proto.yaml"), filepath.Join(folder, "native.yaml"))
	if err != nil {
		return err
	}
	files := map[string][]byte{
		filepath.Join(root, "docs", "routes.md"):   table.Markdown(),
		filepath.Join(root, "docs", "routes.json"): list,
		filepath.Join(folder, "openapi.yaml"):      document,
	}
	for name, content := range files {
		if err := os.WriteFile(name, content, 0o644); err != nil { //nolint:gosec // documents are for everybody
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}
