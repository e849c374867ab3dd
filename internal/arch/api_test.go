package arch

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/api.txt")

// public reads the API of every package that a host may import.
func public(t *testing.T) []*api {
	t.Helper()
	var apis []*api
	for _, p := range list(t, "./...") {
		if p.Name == "main" || len(p.GoFiles) == 0 || strings.HasPrefix(p.local(), "internal/") {
			continue
		}
		var files []string
		for _, f := range p.GoFiles {
			files = append(files, filepath.Join(p.Dir, f))
		}
		a, err := readAPI(p.local(), files)
		if err != nil {
			t.Fatal(err)
		}
		apis = append(apis, a)
	}
	return apis
}

func TestAPI(t *testing.T) {
	var b strings.Builder
	for _, a := range public(t) {
		for _, line := range a.lines {
			b.WriteString(line + "\n")
		}
	}
	const golden = "testdata/api.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	old, now := strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")
	for _, line := range old {
		if !slices.Contains(now, line) {
			t.Errorf("- %s", line)
		}
	}
	for _, line := range now {
		if !slices.Contains(old, line) {
			t.Errorf("+ %s", line)
		}
	}
	if t.Failed() {
		t.Error("the API is not that of testdata/api.txt; where this is meant, run: go test ./internal/arch -update")
	}
}

func TestEveryExportedNameIsDocumented(t *testing.T) {
	for _, a := range public(t) {
		for _, name := range a.undocumented {
			t.Errorf("%s has no comment", name)
		}
	}
}

func TestReadAPI(t *testing.T) {
	a, err := readAPI("sample", []string{"testdata/sample.go"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"sample: const Blue Color",
		"sample: const Limit",
		"sample: const Red Color",
		"sample: func (c *Color) Next()",
		"sample: func (c Color) String() string",
		"sample: func New[T any](t T, names ...string) (*Shape, error)",
		"sample: type Alias = Shape",
		"sample: type Color uint8",
		"sample: type Drawer interface",
		"sample: type Drawer interface, embedded error",
		"sample: type Drawer interface, method Draw(x int) error",
		"sample: type Drawer interface, method Undraw()",
		"sample: type Drawer interface, unexported methods",
		"sample: type Pair[K comparable, V any] struct",
		"sample: type Pair[K comparable, V any] struct, Key K",
		"sample: type Shape struct",
		"sample: type Shape struct, Edges int",
		"sample: type Shape struct, Hook func(s string) bool",
		"sample: type Shape struct, Name string",
		"sample: type Shape struct, embedded Color",
		"sample: var ErrShape",
	}
	if got := strings.Join(a.lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	undocumented := "sample: package comment,sample: ErrShape,sample: Alias,sample: Drawer.Undraw,sample: New,sample: Color.Next"
	got := slices.Sorted(slices.Values(a.undocumented))
	exp := slices.Sorted(slices.Values(strings.Split(undocumented, ",")))
	if !slices.Equal(got, exp) {
		t.Errorf("undocumented %q, want %q", got, exp)
	}
}
