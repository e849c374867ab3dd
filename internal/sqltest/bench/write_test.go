package bench

import (
	"fmt"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/fill"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

const newUser = `{"userName":"new.%[1]d@example.com","externalId":"new-%[1]d","name":{"familyName":"Jensen","givenName":"Barbara"},
"displayName":"New %[1]d","active":true,"emails":[{"value":"new.%[1]d@example.com","type":"work","primary":true}]}`

// create creates users. The floor inserts the same document with its two keys,
// with one statement.
func (r *rig) create(b *testing.B) {
	ctx := b.Context()
	h := r.Store.Handler(r.users)
	bare := r.table(b)
	n := 0
	compare(b, []string{"bare", "store"}, []side{
		func() error {
			n++
			doc := fmt.Sprintf(newUser, n)
			_, err := r.DB.ExecContext(ctx, bare, fmt.Sprint("id", n), fmt.Sprint("new.", n), fmt.Sprint("ext.", n), doc)
			return err
		},
		func() error {
			n++
			u, err := scim.ParseResource(r.users, fmt.Appendf(nil, newUser, n))
			if err != nil {
				return err
			}
			return h.Create(ctx, u)
		},
	})
}

// table makes the table of the floor, and gives the statement that fills it.
func (r *rig) table(b testing.TB) string {
	b.Helper()
	text := "text"
	if r.Dialect == sqlstore.PostgreSQL {
		text = `text COLLATE "C"`
	}
	for _, statement := range []string{
		`CREATE TABLE bare (id ` + text + ` PRIMARY KEY, name_key ` + text + ` UNIQUE, external_key ` + text + `, doc text)`,
		`CREATE INDEX bare_external ON bare (external_key)`,
		`CREATE TABLE bare_members (g ` + text + `, m ` + text + `, PRIMARY KEY (g, m))`,
	} {
		_, err := r.DB.ExecContext(b.Context(), statement)
		r.must(b, err)
	}
	return r.sql(`INSERT INTO bare (id, name_key, external_key, doc) VALUES (?, ?, ?, ?)`)
}

// member adds a member to a group and takes it out, in groups of three sizes.
func (r *rig) member(b *testing.B, users int) {
	h := r.Store.Handler(r.groups).(scim.ListUpdater)
	var names []string
	var sides []side
	for _, size := range []int{100, 10_000, 100_000} {
		if size >= users {
			break
		}
		id := fmt.Sprint("g", size)
		r.must(b, r.Group(b.Context(), r.groups, id, size))
		names = append(names, fmt.Sprint("group of ", size))
		sides = append(sides, r.addAndRemove(b, h, id, fill.ID(users)))
	}
	r.must(b, r.Analyze(b.Context()))
	compare(b, names, sides)
}

func (r *rig) addAndRemove(b *testing.B, h scim.ListUpdater, group, member string) side {
	edit := func(*scim.Resource, bool) error { return nil }
	return func() error {
		_, err := h.UpdateList(b.Context(), group, scim.ListDelta{Attribute: "members", Add: []scim.Member{{Value: member}}}, edit)
		if err == nil {
			_, err = h.UpdateList(b.Context(), group, scim.ListDelta{Attribute: "members", Remove: []string{member}}, edit)
		}
		return err
	}
}
