// Package vectors reads the test vectors for filters, PATCH and resources that
// lie beside the repository, in ../shared/vectors. They are not part of it; the
// tests that run them say so, and are skipped, where they are absent.
package vectors

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Read reads a file of the vectors into v. SCIMKIT_VECTORS names another folder
// than ../shared/vectors.
func Read(tb testing.TB, name string, v any) {
	tb.Helper()
	dir := os.Getenv("SCIMKIT_VECTORS")
	if dir == "" {
		dir = filepath.Join(root(tb), "..", "shared", "vectors")
	}
	data, err := os.ReadFile(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		tb.Skipf("NOT RUN: there is no %s in ../shared/vectors, nor where SCIMKIT_VECTORS says", name)
	}
	if err != nil {
		tb.Fatal(err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
}

// root is the folder of the repository: the first one with a go.mod.
func root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			tb.Fatal("no go.mod above the test")
		}
		dir = up
	}
}
