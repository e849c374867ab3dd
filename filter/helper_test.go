package filter_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
	"github.com/scimkit/scimkit/schema"
)

// resource is a filter.Resource.
type resource struct{ doc *document.Doc }

func (r resource) Document() *document.Doc { return r.doc }

// read makes a resource as a store holds it.
func read(tb testing.TB, m *model.Type, body string) resource {
	tb.Helper()
	tree := document.NewTree(m)
	if err := tree.Parse([]byte(body), &document.Options{Trusted: true, DropRefs: true}); err != nil {
		tb.Fatalf("%s: %v", body, err)
	}
	return resource{tree.Doc()}
}

func user(tb testing.TB, body string) resource { return read(tb, schema.UserType().Model(), body) }

// allow makes a log that takes some quirks.
func allow(ids ...quirk.ID) *quirk.Log { return &quirk.Log{Allowed: quirk.Of(ids...)} }

// everything takes all quirks but that of several bare words.
func everything() *quirk.Log {
	var all quirk.Set
	for id := range quirk.All() {
		all |= quirk.Of(id)
	}
	return &quirk.Log{Allowed: all &^ quirk.Of(quirk.BareWords)}
}

// bind parses and binds text, as a server does.
func bind(text string, m *model.Type, log *quirk.Log) (*filter.Filter, error) {
	p := filter.Parser{Log: log}
	e, err := p.Parse(text)
	if err != nil {
		return nil, err
	}
	return filter.BindIn(e, m, model.Root, log)
}

func mustBind(tb testing.TB, text string, m *model.Type, log *quirk.Log) *filter.Filter {
	tb.Helper()
	f, err := bind(text, m, log)
	if err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	return f
}

// shared finds a file of the material that lies beside the repository. Tests
// that need it are left out, loudly, where there is none.
func shared(tb testing.TB, name string) []byte {
	tb.Helper()
	dir := os.Getenv("SCIMKIT_VECTORS")
	if dir == "" {
		root, err := os.Getwd()
		if err != nil {
			tb.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				break
			}
			if parent := filepath.Dir(root); parent != root {
				root = parent
				continue
			}
			tb.Fatal("no go.mod above the test")
		}
		dir = filepath.Join(root, "..", "shared", "vectors")
	}
	data, err := os.ReadFile(filepath.Join(dir, name))
	if os.IsNotExist(err) {
		tb.Skipf("ABSENT: %s is not beside the repository, nor where SCIMKIT_VECTORS says", name)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return data
}
