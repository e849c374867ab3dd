package filter_test

import (
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
