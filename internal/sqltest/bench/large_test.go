package bench

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/fill"
	"github.com/scimkit/scimkit/scim"
)

// BenchmarkLarge is about a database with many users, SCIMKIT_BENCH_USERS of
// them. Each part is one benchmark below it.
func BenchmarkLarge(b *testing.B) {
	users := setting(b, "SCIMKIT_BENCH_USERS", 5_000)
	each(b, users, func(b *testing.B, r *rig) {
		b.Run("get", func(b *testing.B) { r.get(b, users) })
		b.Run("userName", func(b *testing.B) { r.userName(b, users) })
		b.Run("walk", func(b *testing.B) { r.walk(b, users, "") })
		b.Run("filtered walk", func(b *testing.B) { r.walk(b, users, `active eq true`) })
		b.Run("create", func(b *testing.B) { r.create(b) })
		b.Run("member", func(b *testing.B) { r.member(b, users) })
	})
}

// get reads users by id.
func (r *rig) get(b *testing.B, users int) {
	h := r.Store.Handler(r.users)
	bare := r.sql(`SELECT doc, version, created, modified FROM scim_resources WHERE tenant = ? AND type = ? AND id = ?`)
	compare(b, []string{"bare", "store"}, []side{
		func() error { return r.row(b, bare, "", "User", fill.ID(pick(users))) },
		func() error { _, err := h.Get(b.Context(), fill.ID(pick(users)), scim.GetOptions{}); return err },
	})
}

// userName finds users by their name.
func (r *rig) userName(b *testing.B, users int) {
	h := r.Store.Handler(r.users)
	bare := r.sql(`SELECT doc, version, created, modified FROM scim_resources WHERE tenant = ? AND type = ? AND name_key = ?`)
	compare(b, []string{"bare", "store"}, []side{
		func() error { return r.row(b, bare, "", "User", fill.UserName(pick(users))) },
		func() error {
			page, err := h.List(b.Context(), r.query(b, fmt.Sprintf("userName eq %q", fill.UserName(pick(users)))))
			if err == nil && len(page.Resources) != 1 {
				err = fmt.Errorf("%d users", len(page.Resources))
			}
			return err
		},
	})
}

func pick(users int) int { return 1 + rand.IntN(users) }

// row reads a row of a document, version and two times.
func (r *rig) row(b *testing.B, text string, args ...any) error {
	var doc []byte
	var version string
	var created, modified int64
	return r.DB.QueryRowContext(b.Context(), text, args...).Scan(&doc, &version, &created, &modified)
}
