package filters

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// TestRest: filters find the same in memory as where all attributes are in a JSON
// column of the host's, be it that clients have written it or the application.
func TestRest(t *testing.T) {
	rows := makeRows(t, 23, 40)
	stores(t, nil, func(t *testing.T, e *engine) {
		types := []string{"text"}
		if e.dialect == sqlfilter.PostgreSQL {
			types = []string{"text", "json", "jsonb"}
		}
		for i, typ := range types {
			t.Run(typ, func(t *testing.T) {
				x := newRest(t, e, fmt.Sprint("things", i), typ, rows)
				ask := asker{random(29)}
				total, found, refused := 400/share, 0, 0
				for i := range total {
					if i%(total/4) == 0 {
						x.turn(t, i+1)
					}
					n, ok := x.check(t, ask)
					if !ok {
						refused++
					} else if n > 0 {
						found++
					}
				}
				if refused > total/10 {
					t.Errorf("%d of %d filters are refused", refused, total)
				}
				t.Logf("%d filters, %d of them find something, %d are refused", total, found, refused)
			})
		}
	})
}

// rest is a store with all of gadget in one column.
type rest struct {
	*engine
	table   string
	handler scim.ResourceHandler
	texts   []string // of the column, by row
	exact   bool     // the column keeps numbers as they are
	seen    []*scim.Resource
}

// beyondJSONB are numbers that jsonb does not hold.
var beyondJSONB = regexp.MustCompile(`e-?\d{6,}`)

func newRest(t *testing.T, e *engine, table, typ string, rows []row) *rest {
	t.Helper()
	x := &rest{engine: e, table: table, exact: typ != "jsonb"}
	e.exec(t, "CREATE TABLE "+table+" (id text NOT NULL PRIMARY KEY, flag boolean, extra "+typ+")")
	s, err := sqlstore.Open(t.Context(), e.db, e.dialect, sqlstore.Options{Relaxed: true, Prefix: table + "_", Tables: []sqlstore.Table{{
		Type: gadget, Name: table, ID: "id", Existing: sqlstore.Adopt, Rest: "extra", Columns: map[string]sqlstore.Column{"flag": {Name: "flag"}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	x.handler = s.Handler(gadget)
	for i, r := range rows {
		text := string(r.doc.Bytes())
		if typ == "jsonb" && beyondJSONB.MatchString(text) {
			continue
		}
		id := fmt.Sprintf("r%02d", len(x.texts))
		x.texts = append(x.texts, text)
		if i%2 == 0 {
			e.exec(t, "INSERT INTO "+table+" (id) VALUES ("+e.dialect.Placeholder(1)+")", id)
			continue
		}
		res, err := scim.ParseResource(gadget, r.doc.Bytes())
		if err == nil {
			res.SetID(id)
			err = x.handler.Create(t.Context(), res)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return x
}

// turn has the application write into each row what was in the one n before it, and
// checks what clients see of it.
func (x *rest) turn(t *testing.T, n int) {
	t.Helper()
	for i := range x.texts {
		x.exec(t, "UPDATE "+x.table+" SET extra = "+x.dialect.Placeholder(1)+" WHERE id = "+x.dialect.Placeholder(2),
			x.texts[(i+n)%len(x.texts)], fmt.Sprintf("r%02d", i))
	}
	p, err := x.handler.List(t.Context(), scim.Query{StartIndex: 1, Count: 100})
	if err != nil || len(p.Resources) != len(x.texts) {
		t.Fatalf("there are %d of %d, %v", len(p.Resources), len(x.texts), err)
	}
	x.seen = p.Resources
	for i, r := range x.seen {
		want := document.NewTree(gadget.Model())
		if err := want.Parse([]byte(x.texts[(i+n)%len(x.texts)]), &document.Options{Trusted: true}); err != nil {
			t.Fatal(err)
		}
		if got, want := plain(r.Document()), plain(want.Doc()); x.exact && !bytes.Equal(got, want) {
			t.Fatalf("clients see %s, want %s", got, want)
		}
	}
}

// plain is what the column has of a document.
func plain(d *document.Doc) []byte {
	flag := d.Type().SubString(model.Root, "flag")
	for _, id := range []model.ID{model.IDAttr, model.Schemas, d.Type().Meta, flag} {
		d = d.Without(id)
	}
	return d.Bytes()
}

// check asks one question, and gives how many it finds; ok is false if it is
// refused.
func (x *rest) check(t *testing.T, ask asker) (n int, ok bool) {
	t.Helper()
	f := ask.bound(t)
	p, err := x.handler.List(t.Context(), scim.Query{Filter: f, StartIndex: 1, Count: 100})
	var refusal *scim.Error
	if errors.As(err, &refusal) && refusal.Type == "invalidFilter" {
		return 0, false
	}
	if err != nil {
		t.Fatalf("%s: %v", f, err)
	}
	var want []string
	for _, r := range x.seen {
		if f.Match(r) {
			want = append(want, r.ID())
		}
	}
	var got []string
	for _, r := range p.Resources {
		got = append(got, r.ID())
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("%s finds %s, want %s", f, strings.Join(got, " "), strings.Join(want, " "))
	}
	return len(got), true
}
