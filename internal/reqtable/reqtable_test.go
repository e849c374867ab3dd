package reqtable

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	rows, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	count := map[string]int{}
	tests := map[string]map[string]bool{}
	for _, r := range rows {
		got = append(got, r.ID)
		count[r.Status]++
		for _, name := range r.Tests {
			if err := exists(tests, "../..", name); err != "" {
				t.Errorf("%s: %s", r.ID, err)
			}
		}
	}
	if complaint := sequence(got, ids()); complaint != "" {
		t.Error(complaint)
	}
	t.Logf("covered %d, not yet %d, n.a. %d", count[Covered], count[NotYet], count[NA])
}

// sequence says where got leaves the order of want.
func sequence(got, want []string) string {
	for i, id := range want {
		if i == len(got) {
			return id + " is missing at the end"
		}
		if got[i] != id {
			return got[i] + " stands where " + id + " is expected"
		}
	}
	if len(got) > len(want) {
		return got[len(want)] + " is one too many"
	}
	return ""
}

// exists says what is wrong with the name of a test. cache holds the test
// functions of each folder.
func exists(cache map[string]map[string]bool, root, name string) string {
	m := testPattern.FindStringSubmatch(name)
	dir, function := m[1], m[2]
	if cache[dir] == nil {
		functions, err := testFunctions(filepath.Join(root, dir))
		if err != nil {
			return err.Error()
		}
		cache[dir] = functions
	}
	if !cache[dir][function] {
		return "there is no test " + dir + "." + function
	}
	return ""
}

func testFunctions(dir string) (map[string]bool, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		return nil, err
	}
	functions := map[string]bool{}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, decl := range f.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil {
				functions[fn.Name.Name] = true
			}
		}
	}
	return functions, nil
}

func TestParseRow(t *testing.T) {
	const start = `| R-001 | MUST | 7643 §2.1 | A \| b "x" | `
	for _, tt := range []struct{ end, tests, reason string }{
		{"not yet | |", "", ""},
		{"n.a. | no bulk |", "", "no bulk"},
		{"covered | scim.TestA |", "scim.TestA", ""},
		{"covered | `scim.TestA`, internal/patch.FuzzB/case-1 |", "scim.TestA,internal/patch.FuzzB/case-1", ""},
	} {
		rows, err := parse("# x\n\n| id |\n|---|\n" + start + tt.end + "\n")
		if err != nil || len(rows) != 1 {
			t.Errorf("%s: %v, %v", tt.end, rows, err)
			continue
		}
		r := rows[0]
		if r.ID != "R-001" || r.Level != "MUST" || r.Where != "7643 §2.1" || r.Requirement != `A \| b "x"` ||
			strings.Join(r.Tests, ",") != tt.tests || r.Reason != tt.reason {
			t.Errorf("%s: %+v", tt.end, r)
		}
	}
}

func TestParseRowErrors(t *testing.T) {
	for _, line := range []string{
		"| R-001 | MUST | x | y | not yet |",
		"| R-001 | MUST | x | y | covered | |",
		"| R-001 | MUST | x | y | n.a. | |",
		"| R-001 | MUST | x | y | not yet | scim.TestA |",
		"| R-001 | MUST | x | y | done | scim.TestA |",
		"| R-001 | MUST | x | y | covered | TestA |",
		"| R-001 | MUST | x | y | covered | scim.A |",
		"| R-001 | must | x | y | not yet | |",
		"| R-001 | MUST | x |  | not yet | |",
	} {
		if _, err := parse(line); err == nil {
			t.Errorf("%s: no error", line)
		}
	}
}

func TestExists(t *testing.T) {
	cache := map[string]map[string]bool{}
	for name, want := range map[string]bool{
		"internal/reqtable.TestExists":       true,
		"internal/reqtable.TestExists/sub.x": true,
		"internal/reqtable.TestNothing":      false,
		"nowhere.TestExists":                 false,
	} {
		if got := exists(cache, "../..", name); (got == "") != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestSequence(t *testing.T) {
	want := []string{"R-001", "R-002", "R-003"}
	for _, got := range []string{"R-001,R-002", "R-001,R-003", "R-001,R-001,R-002,R-003", "R-001,R-002,R-003,R-003"} {
		if sequence(strings.Split(got, ","), want) == "" {
			t.Errorf("%s passes", got)
		}
	}
	if complaint := sequence(want, want); complaint != "" {
		t.Error(complaint)
	}
	if n := len(ids()); n != 384 || !slices.IsSorted(ids()) {
		t.Errorf("%d ids", n)
	}
}
