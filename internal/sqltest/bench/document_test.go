package bench

import (
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/fill"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// BenchmarkDocument compares text with the binary JSON of the databases, for the
// document, which SQL never looks into, and for the keys, which filters do.
func BenchmarkDocument(b *testing.B) {
	users := setting(b, "SCIMKIT_BENCH_USERS", 5_000)
	each(b, users, func(b *testing.B, r *rig) {
		binary, title := "BLOB", `json_extract(keys, '$.title')`
		if r.Dialect == sqlstore.PostgreSQL {
			binary, title = "jsonb", `CAST(keys AS jsonb) ->> 'title'`
		}
		for table, typ := range map[string]string{"in_text": "text", "in_binary": binary} {
			doc, keys := "doc", "CAST(keys AS text)"
			if r.Dialect == sqlstore.SQLite {
				keys = "json(keys)"
			}
			if table == "in_binary" {
				doc, keys = "jsonb(doc)", "keys"
				if r.Dialect == sqlstore.PostgreSQL {
					doc = "CAST(doc AS jsonb)"
				}
			}
			for _, text := range []string{
				"CREATE TABLE " + table + " (id text PRIMARY KEY, doc " + typ + ", keys " + typ + ")",
				"INSERT INTO " + table + " SELECT id, " + doc + ", " + keys + " FROM scim_resources WHERE type = 'User'",
			} {
				_, err := r.DB.ExecContext(b.Context(), text)
				r.must(b, err)
			}
		}
		r.must(b, r.Analyze(b.Context()))
		read := func(table, doc string) side {
			text := r.sql("SELECT " + doc + " FROM " + table + " WHERE id = ?")
			return func() error {
				var into []byte
				return r.DB.QueryRowContext(b.Context(), text, fill.ID(pick(users))).Scan(&into)
			}
		}
		scan := func(table string) side {
			text := "SELECT count(*) FROM " + table + " WHERE " + title + " = 'nobody'"
			return func() error {
				var n int
				return r.DB.QueryRowContext(b.Context(), text).Scan(&n)
			}
		}
		whole := "doc"
		if r.Dialect == sqlstore.SQLite {
			whole = "json(doc)"
		}
		b.Run("read", func(b *testing.B) {
			compare(b, []string{"text", "binary"}, []side{read("in_text", "doc"), read("in_binary", whole)})
		})
		b.Run("filter", func(b *testing.B) {
			compare(b, []string{"text", "binary"}, []side{scan("in_text"), scan("in_binary")})
		})
	})
}
