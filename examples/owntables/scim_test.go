package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/idptest"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
	"github.com/scimkit/scimkit/store/storetest"
)

// TestMappingIsShort: the mapping has at most 40 lines, and what the application
// had before knows nothing of SCIM.
func TestMappingIsShort(t *testing.T) {
	files := token.NewFileSet()
	for _, name := range []string{"scim.go", "tables.go", "pages.go"} {
		f, err := parser.ParseFile(files, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if name != "scim.go" {
			for _, i := range f.Imports {
				if strings.Contains(i.Path.Value, "scimkit") && !strings.Contains(i.Path.Value, "/examples/internal/host") {
					t.Errorf("%s imports %s", name, i.Path.Value)
				}
			}
			continue
		}
		functions := 0
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				functions++
				lines := files.Position(fn.End()).Line - files.Position(fn.Doc.Pos()).Line + 1
				if fn.Name.Name != "mapping" || lines > 40 {
					t.Errorf("%s has %d lines", fn.Name.Name, lines)
				}
			}
		}
		if functions != 1 {
			t.Errorf("%s has %d functions, want the mapping alone", name, functions)
		}
	}
}

// lacks are the cases that need what the application does not have.
var lacks = []idptest.Lack{
	{Rule: "an e-mail address of the type work that is another than userName, or none", Cases: []string{"entra-019", "entra-020", "entra-023", "entraflag-003", "mspm-013", "msval-017"}},
}

// TestIdentityProviders replays what identity providers send, over HTTP.
func TestIdentityProviders(t *testing.T) {
	idptest.Run(t, lacks, func(t *testing.T, tolerance *scim.Tolerance) (string, string) {
		s := start(t, 0, sqlstore.Adopt, func(c *config) { c.Tolerance = tolerance })
		return s.url + scimPath, fixed
	})
}

// TestMapping runs the contract of a handler on the mapping. The contract has user
// names from all of Unicode, for which there are columns with the key here.
func TestMapping(t *testing.T) {
	for name, existing := range map[string]sqlstore.Existing{"adopt": sqlstore.Adopt, "refuse": sqlstore.Refuse} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, func(t *testing.T) storetest.Host {
				db := openDB(t, filepath.Join(t.TempDir(), "x.db"))
				if _, err := db.Exec(`ALTER TABLE users ADD COLUMN email_key TEXT; CREATE UNIQUE INDEX users_email_key ON users (email_key);
					ALTER TABLE teams ADD COLUMN name_key TEXT; CREATE UNIQUE INDEX teams_name_key ON teams (name_key)`); err != nil {
					t.Fatal(err)
				}
				tables := mapping(existing)
				tables[0].Columns["userName"] = sqlstore.Column{Name: "email", Key: "email_key"}
				tables[1].Columns["displayName"] = sqlstore.Column{Name: "name", Key: "name_key"}
				s, err := sqlstore.Open(t.Context(), db.DB, db.Dialect, sqlstore.Options{Tables: tables})
				if err != nil {
					t.Fatal(err)
				}
				return storetest.Host{
					Endpoints: []scim.Endpoint{{Type: users, Handler: s.Handler(users)}, {Type: groups, Handler: s.Handler(groups)}},
					MayRefuse: true, Adjust: adjust,
				}
			})
		})
	}
}

// adjust keeps to what the application makes of a user: one column for the
// userName and the work address, who is active or not, and texts that compare as
// the database lowers letters, which in SQLite are those of ASCII.
func adjust(t *scim.ResourceType, attributes map[string]any) {
	lower := func(m map[string]any, names ...string) {
		for _, name := range names {
			if text, ok := m[name].(string); ok {
				m[name] = strings.Map(func(r rune) rune {
					if r >= 0x80 {
						return 'x'
					}
					return r
				}, text)
			}
		}
	}
	lower(attributes, "userName")
	if t == groups {
		lower(attributes, "displayName")
		return
	}
	emails := []any{map[string]any{"type": "work", "value": attributes["userName"]}}
	if list, ok := attributes["emails"].([]any); ok {
		for _, e := range list {
			if e, ok := e.(map[string]any); ok && e["type"] != "work" {
				emails = append(emails, e)
			}
		}
	}
	attributes["emails"] = emails
	if attributes["active"] == nil {
		attributes["active"] = true
	}
	if name, ok := attributes["name"].(map[string]any); ok {
		lower(name, "givenName", "familyName")
	}
}
