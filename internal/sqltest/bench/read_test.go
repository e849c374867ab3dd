package bench

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/fill"
	"github.com/scimkit/scimkit/scim"
)

// BenchmarkRead reads users of many, by id and by userName.
func BenchmarkRead(b *testing.B) {
	users := setting(b, "SCIMKIT_BENCH_USERS", 5_000)
	each(b, users, func(b *testing.B, r *rig) {
		ctx := b.Context()
		h := r.Store.Handler(r.users)
		pick := func() int { return 1 + rand.IntN(users) }
		b.Run("get", func(b *testing.B) {
			bare := r.sql(`SELECT doc, version, created, modified FROM scim_resources WHERE tenant = ? AND type = ? AND id = ?`)
			compare(b, []string{"bare", "store"}, []side{
				func() error { return r.row(b, bare, "", "User", fill.ID(pick())) },
				func() error { _, err := h.Get(ctx, fill.ID(pick()), scim.GetOptions{}); return err },
			})
		})
		b.Run("userName", func(b *testing.B) {
			bare := r.sql(`SELECT doc, version, created, modified FROM scim_resources WHERE tenant = ? AND type = ? AND name_key = ?`)
			compare(b, []string{"bare", "store"}, []side{
				func() error { return r.row(b, bare, "", "User", fill.UserName(pick())) },
				func() error {
					page, err := h.List(ctx, r.query(b, fmt.Sprintf("userName eq %q", fill.UserName(pick()))))
					if err == nil && len(page.Resources) != 1 {
						err = fmt.Errorf("%d users", len(page.Resources))
					}
					return err
				},
			})
		})
	})
}

// row reads a row of a document, version and two times.
func (r *rig) row(b *testing.B, text string, args ...any) error {
	var doc []byte
	var version string
	var created, modified int64
	return r.DB.QueryRowContext(b.Context(), text, args...).Scan(&doc, &version, &created, &modified)
}
