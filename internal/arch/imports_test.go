package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/scimkit/scimkit"

// layers tells where each package stands: it may import those above it in this
// list, never those beside or below it.
var layers = [][]string{
	{"internal/model", "internal/quirk", "internal/identity", "internal/sqlschema"},
	{"schema", "internal/document"},
	{"filter"},
	{"internal/patch"},
	{"scim"},
	{"token", "scim/scimtest", "scim/elimity", "store/memstore", "store/storetest", "filter/sqlfilter"},
	{"token/tokentest", "token/jwt", "token/requestlog"},
	{"token/settings", "store/sqlstore"},
	{"cmd/scimcheck"},
}

// testSupport are packages that only tests import. They may import anything.
var testSupport = []string{
	"internal/arch", "internal/bench", "internal/idpcases", "internal/rawhttp",
	"internal/idptest", "internal/reqtable", "internal/transcript", "internal/vectors",
}

// lean are the packages that bring a host nothing but the standard library,
// this module and the modules of leanModules.
var lean = []string{"schema", "filter", "filter/sqlfilter", "scim", "token", "store/memstore"}

var leanModules = []string{module, "golang.org/x/text", "golang.org/x/time"}

// pkg is what go list says of a package.
type pkg struct {
	ImportPath   string
	Name         string
	Dir          string
	Standard     bool
	Module       *struct{ Path string }
	GoFiles      []string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// local is the path within the module: "scim", "internal/model".
func (p pkg) local() string { return strings.TrimPrefix(p.ImportPath, module+"/") }

// list runs go list in the root of the module.
func list(t *testing.T, args ...string) []pkg {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-e",
		"-json=ImportPath,Name,Dir,Standard,Module,GoFiles,Imports,TestImports,XTestImports"}, args...)...)
	cmd.Dir = "../.."
	// As a host sees the module: without the workspace.
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v\n%s", args, err, stderr.Bytes())
	}
	var pkgs []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}

func TestImportArrows(t *testing.T) {
	for _, complaint := range arrows(list(t, "./...")) {
		t.Error(complaint)
	}
}

// arrows gives the imports that point the wrong way.
func arrows(pkgs []pkg) []string {
	layer := map[string]int{}
	for i, names := range layers {
		for _, name := range names {
			layer[name] = i
		}
	}
	var bad []string
	for _, p := range pkgs {
		from, known := layer[p.local()]
		support := slices.Contains(testSupport, p.local())
		if !known && !support {
			bad = append(bad, p.local()+" has no place in the layers of internal/arch")
			continue
		}
		for _, imported := range p.Imports {
			to, ok := strings.CutPrefix(imported, module+"/")
			toLayer, inLayers := layer[to]
			switch {
			case !ok || support && !strings.HasPrefix(to, "examples"):
			case !inLayers:
				bad = append(bad, p.local()+" imports "+to+", which is for tests only")
			case toLayer >= from:
				bad = append(bad, p.local()+" imports "+to+", which stands beside or below it")
			}
		}
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			if strings.HasPrefix(imported, module+"/examples") {
				bad = append(bad, "a test of "+p.local()+" imports "+imported)
			}
		}
	}
	return bad
}

func TestLeanImportGraph(t *testing.T) {
	args := []string{"-deps"}
	for _, p := range list(t, "./...") {
		if slices.Contains(lean, p.local()) {
			args = append(args, p.ImportPath)
		}
	}
	if len(args) == 1 {
		t.Fatal("none of the packages is there")
	}
	for _, complaint := range strangers(list(t, args...)) {
		t.Error(complaint)
	}
}

// strangers gives the packages of modules that no host should get.
func strangers(pkgs []pkg) []string {
	found := map[string]bool{}
	for _, p := range pkgs {
		if p.Standard || p.Module != nil && slices.Contains(leanModules, p.Module.Path) {
			continue
		}
		found[p.ImportPath+" is in the import graph of a host"] = true
	}
	return slices.Sorted(maps.Keys(found))
}

func TestArrowsFindsEachFault(t *testing.T) {
	p := func(path string, imports ...string) pkg {
		q := pkg{ImportPath: module + "/" + path}
		for _, i := range imports {
			q.Imports = append(q.Imports, module+"/"+i)
		}
		return q
	}
	testImport := p("scim")
	testImport.XTestImports = []string{module + "/examples/quickstart", module + "/store/memstore"}
	for _, tt := range []struct {
		pkg  pkg
		want string
	}{
		{p("scim", "schema", "filter", "internal/patch", "internal/identity"), ""},
		{p("store/memstore", "scim"), ""},
		{p("internal/bench", "scim", "store/memstore", "internal/rawhttp"), ""},
		{pkg{ImportPath: module + "/filter", Imports: []string{"strings", "golang.org/x/text"}}, ""},
		{p("scim", "token"), "scim imports token, which stands beside or below it"},
		{p("scim", "store/memstore"), "scim imports store/memstore, which stands beside or below it"},
		{p("filter", "scim"), "filter imports scim, which stands beside or below it"},
		{p("schema", "internal/document"), "schema imports internal/document, which stands beside or below it"},
		{p("store/memstore", "store/storetest"), "store/memstore imports store/storetest, which stands beside or below it"},
		{p("scim", "internal/transcript"), "scim imports internal/transcript, which is for tests only"},
		{p("scim", "examples/quickstart"), "scim imports examples/quickstart, which is for tests only"},
		{p("internal/bench", "examples/quickstart"), "internal/bench imports examples/quickstart, which is for tests only"},
		{p("misc"), "misc has no place in the layers of internal/arch"},
		{testImport, "a test of scim imports " + module + "/examples/quickstart"},
	} {
		if got := strings.Join(arrows([]pkg{tt.pkg}), "\n"); got != tt.want {
			t.Errorf("%s -> %v: %q, want %q", tt.pkg.local(), tt.pkg.Imports, got, tt.want)
		}
	}
}

func TestStrangersFindsOtherModules(t *testing.T) {
	of := func(path string) pkg { return pkg{ImportPath: path + "/x", Module: &struct{ Path string }{path}} }
	got := strangers([]pkg{{ImportPath: "strings", Standard: true}, of(module), of("golang.org/x/text"), of("golang.org/x/sync")})
	if len(got) != 1 || !strings.Contains(got[0], "golang.org/x/sync/x") {
		t.Errorf("%q", got)
	}
}
