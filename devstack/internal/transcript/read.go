package transcript

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Read returns the exchanges of a folder of testdata/golden in recorded order
// and ends the test when there are none.
func Read(t testing.TB, folder string) (all []Exchange) {
	t.Helper()
	path, err := golden(folder)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(path, "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts in %s: %v", folder, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		some, err := parse(folder+"/"+strings.TrimSuffix(filepath.Base(file), ".jsonl"), text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, some...)
	}
	return all
}

// parse reads one exchange a line.
func parse(name string, text []byte) (all []Exchange, err error) {
	for line := range bytes.Lines(text) {
		e := Exchange{File: name}
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", name, len(all)+1, err)
		}
		e.File = name
		all = append(all, e)
	}
	return all, nil
}

// Seed is a file of testdata/golden/seed, which exchanges load.
func Seed(t testing.TB, name string) []byte {
	t.Helper()
	path, err := golden("seed/" + name)
	if err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func golden(name string) (string, error) {
	root, err := moduleRoot()
	return filepath.Join(root, "testdata", "golden", filepath.FromSlash(name)), err
}

// moduleRoot is the nearest folder with a go.mod: tests run in the folders of
// their packages.
func moduleRoot() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		_, err := os.Stat(filepath.Join(folder, "go.mod"))
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return folder, err
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", fmt.Errorf("no go.mod above the working folder: %w", fs.ErrNotExist)
		}
		folder = parent
	}
}
