package stores

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// with is t with another definition of an attribute.
func with(t *schema.ResourceType, name string, change func(a *schema.Attribute)) *schema.ResourceType {
	for i := range t.Schema.Attributes {
		if t.Schema.Attributes[i].Name == name {
			change(&t.Schema.Attributes[i])
		}
	}
	return t
}

// again opens a store on the same database, as the next release of the host does.
func (a *app) again(d sqlstore.Dialect, o sqlstore.Options) error {
	a.Helper()
	_, err := a.open(d, o)
	return err
}

// A release opens the store again with other schemas.
type release func(u *schema.ResourceType) error

// withSchemas runs a test on each database, with the users ann, bob and carl in the
// library's tables.
func withSchemas(t *testing.T, test func(a *app, open release, ann, bob, carl string)) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t)}
			open := func(u *schema.ResourceType) error {
				a.user = u
				return a.again(e.dialect, sqlstore.Options{Types: []*schema.ResourceType{u}})
			}
			a.must(open(schema.UserType()), "")
			ann := a.parse(`{"userName":"ann","nickName":"Annie","title":"Boss","displayName":"Twin"}`)
			bob := a.parse(`{"userName":"bob","nickName":"Bobby","title":"boss","displayName":"twin"}`)
			carl := a.parse(`{"userName":"carl"}`)
			test(a, open, ann.ID(), bob.ID(), carl.ID())
		})
	}
}

func unique(a *schema.Attribute)    { a.Uniqueness = schema.UniqueServer }
func notUnique(a *schema.Attribute) { a.Uniqueness = schema.UniqueNone }
func boolean(a *schema.Attribute)   { a.Type = schema.Boolean }

// TestUniquenessChanges: attributes that are unique by now are, or the store does not
// open; those that are not any more may have one value twice. All are found.
func TestUniquenessChanges(t *testing.T) {
	withSchemas(t, func(a *app, open release, ann, bob, carl string) {
		a.must(open(with(schema.UserType(), "nickName", unique)), "")
		a.finds(`nickName eq "annie"`, ann)
		a.finds(`nickName co "b"`, bob)
		a.fails("a nickName that is there", a.users.Create(a.Context(), a.with("dora", "nickName", "ANNIE")), scim.ErrConflict)
		_, err := a.users.Update(a.Context(), carl, func(r *scim.Resource) error { return r.Set("nickName", "annie") })
		a.fails("a nickName that is there", err, scim.ErrConflict)

		// Another one is the first that is unique.
		a.must(open(with(with(schema.UserType(), "nickName", unique), "userName", notUnique)), "")
		a.finds(`nickName eq "annie" or userName eq "BOB"`, order(ann, bob))
		a.finds(`userName pr`, order(ann, bob, carl))
		a.must(a.users.Create(a.Context(), a.with("ann", "nickName", "other")), "")

		// And none of them: two have one name by now.
		a.must(open(schema.UserType()), "userName")
		a.must(open(with(with(schema.UserType(), "displayName", unique), "userName", notUnique)), "displayName")
		a.must(open(with(schema.UserType(), "userName", notUnique)), "")
		a.finds(`nickName eq "bobby"`, bob)
		a.must(a.users.Create(a.Context(), a.with("eve", "nickName", "bobby")), "")
		if n := a.total(`displayName eq "TWIN"`); n != 2 {
			a.Errorf("%d twins", n)
		}
	})
}

// TestCaseExactChanges: filters compare as the schema says by now.
func TestCaseExactChanges(t *testing.T) {
	withSchemas(t, func(a *app, open release, ann, bob, _ string) {
		a.must(open(with(schema.UserType(), "title", func(a *schema.Attribute) { a.CaseExact = true })), "")
		a.finds(`title eq "boss"`, bob)
		a.must(open(schema.UserType()), "")
		a.finds(`title eq "BOSS"`, order(ann, bob))
	})
}

// TestTypeChanges: an attribute gets another type while it has no values, and not
// while it has some, also if a release between the two has had no such attribute.
func TestTypeChanges(t *testing.T) {
	withSchemas(t, func(a *app, open release, ann, _, carl string) {
		a.must(open(with(schema.UserType(), "nickName", boolean)), "nickName")
		a.must(open(with(schema.UserType(), "locale", boolean)), "")
		a.finds(`userName eq "carl"`, carl)
		without := schema.UserType()
		without.Schema = without.Schema.Without("nickName")
		a.must(open(without), "")
		a.must(open(without), "")
		a.must(open(with(schema.UserType(), "nickName", boolean)), "nickName")
		a.must(open(schema.UserType()), "")
		a.finds(`nickName eq "annie"`, ann)
	})
}

// TestSecretsChange: what is a secret by now goes from the documents.
func TestSecretsChange(t *testing.T) {
	withSchemas(t, func(a *app, open release, _, _, _ string) {
		const named = `SELECT count(*) FROM scim_resources WHERE doc LIKE '%nickName%'`
		a.is("who has a nickName", a.cell(named), "2")
		a.must(open(with(schema.UserType(), "nickName", func(a *schema.Attribute) {
			a.Mutability, a.Returned = schema.WriteOnly, schema.ReturnedNever
		})), "")
		a.is("who has a nickName", a.cell(named), "0")
	})
}

// order puts ids in the order of a list.
func order(ids ...string) string {
	slices.Sort(ids)
	return strings.Join(ids, " ")
}

// with is a resource with one attribute more.
func (a *app) with(userName, path, value string) *scim.Resource {
	a.Helper()
	r := a.new(userName)
	if err := r.Set(path, value); err != nil {
		a.Fatal(err)
	}
	return r
}

// TestColumnsCome: a value beside the row moves into the column that its attribute
// gets, unless that has one already.
func TestColumnsCome(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t), user: schema.UserType()}
			exec(t, a.db, ddl(e.dialect, "CREATE TABLE people (id {id}, email text NOT NULL UNIQUE, nick text, addr text); CREATE INDEX people_email ON people (lower(email)); CREATE TABLE phones (user_id bigint NOT NULL, n text);"))
			open := func(table sqlstore.Table) error {
				return a.again(e.dialect, sqlstore.Options{Tables: []sqlstore.Table{table}})
			}
			a.must(open(peopleOf(a.user)), "")
			ann := a.parse(`{"userName":"ann","nickName":"Annie","title":"Boss","emails":[{"value":"h@x","type":"home"},{"value":"w@x","type":"work","display":"at work"}],"phoneNumbers":[{"value":"12"}]}`)
			bob := a.parse(`{"userName":"bob","nickName":"Bobby"}`)
			a.parse(`{"userName":"carl"}`)
			exec(t, a.db, "UPDATE people SET nick = 'Rob' WHERE email = 'bob'; UPDATE people SET email = 'gone' WHERE email = 'carl'; INSERT INTO people (email) VALUES ('of the host')")
			emails := func() string {
				v, _ := a.get(ann.ID()).Document().Get(a.user.Model().SubString(0, "emails"))
				return string(v.Raw())
			}
			before := emails()

			a.user = schema.UserType()
			table := peopleOf(a.user)
			table.Columns["nickName"], table.Columns[`emails[type eq "work"].value`] = sqlstore.Column{Name: "nick"}, sqlstore.Column{Name: "addr"}
			table.Lists = map[string]sqlstore.List{"phoneNumbers": {Table: "phones", Owner: "user_id", Columns: map[string]string{"value": "n"}}}
			a.must(open(table), "")
			a.is("the column", a.cell("SELECT nick FROM people WHERE email = 'ann'"), "Annie")
			a.is("the nickName", a.get(ann.ID()).String("nickName"), "Annie")
			a.is("what has no column", a.get(ann.ID()).String("title"), "Boss")
			a.is("what the application has", a.get(bob.ID()).String("nickName"), "Rob")
			a.is("the address", a.cell("SELECT addr FROM people WHERE email = 'ann'"), "w@x")
			a.is("the addresses", emails(), before)
			a.is("the telephone", a.cell("SELECT n FROM phones"), "12")
			for f, want := range map[string]string{`nickName eq "annie"`: ann.ID(), `nickName eq "Bobby"`: "", `emails[type eq "work" and value eq "w@x"]`: ann.ID(),
				`phoneNumbers.value eq "12"`: ann.ID(), `title eq "boss"`: ann.ID()} {
				a.finds(f, want)
			}
			// What the application takes away from now on is away.
			exec(t, a.db, "UPDATE people SET nick = NULL; DELETE FROM phones")
			a.must(open(table), "")
			if r := a.get(ann.ID()); r.Has("nickName") || r.Has("phoneNumbers") {
				t.Errorf("there is %s", r.Document().Bytes())
			}
		})
	}
}

// TestNodesChange: nodes that start at once with another schema do not lose keys.
func TestNodesChange(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t), user: schema.UserType()}
			a.must(a.again(e.dialect, sqlstore.Options{Types: []*schema.ResourceType{a.user}}), "")
			const n = 700
			for i := range n {
				a.must(a.users.Create(t.Context(), a.with(fmt.Sprint("u", i), "nickName", fmt.Sprint("n", i))), "")
			}
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					u := with(schema.UserType(), "nickName", unique)
					if _, err := openStore(t, a.db, e.dialect, sqlstore.Options{Types: []*schema.ResourceType{u}}); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			a.is("the keys", a.cell("SELECT count(DISTINCT uniq_key) FROM scim_names WHERE attribute = 'nickName'"), fmt.Sprint(n))
			a.is("the names", a.cell("SELECT count(DISTINCT name_key) FROM scim_resources"), fmt.Sprint(n))
		})
	}
}
