package runfolder

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Secret returns the named secret of the folder and the file that holds it; it
// is made once, n random bytes as base64, and kept with the data.
func (f *Folder) Secret(name string, n int) (value, path string, err error) {
	path = f.Path("secrets", name)
	text, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(text)), path, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", "", fmt.Errorf("read secret %s: %w", name, err)
	}
	raw := make([]byte, n)
	_, _ = rand.Read(raw) // never fails, says crypto/rand
	value = base64.StdEncoding.EncodeToString(raw)
	return value, path, f.KeepSecret(name, value)
}

// KeepSecret replaces the named secret.
func (f *Folder) KeepSecret(name, value string) error {
	return f.Write(filepath.Join("secrets", name), []byte(value+"\n"))
}
