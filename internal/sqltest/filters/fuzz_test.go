package filters

import (
	"testing"

	"github.com/scimkit/scimkit/filter"
)

// FuzzWhere: any filter that fits the schema finds the same rows in SQLite as
// in memory, and no database ever refuses its SQL.
func FuzzWhere(f *testing.F) {
	ask := asker{random(13)}
	for range 200 {
		f.Add(ask.expr(f, 3, "").String())
	}
	for _, text := range injections()[:100] {
		f.Add((&filter.Compare{Attr: filter.AttrPath{Name: "plain"}, Op: filter.Co, Value: filter.Value{Kind: filter.String, Text: text}}).String())
	}
	e := newSQLite(f, makeRows(f, 17, 40))
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := filter.Parse(text)
		if err != nil {
			return
		}
		bound, err := filter.Bind(parsed, gadget)
		if err != nil {
			return
		}
		for _, m := range e.mappings {
			wrong, err := e.check([]question{{bound, m.clause(t, bound, 1)}})
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range wrong {
				t.Error(w)
			}
		}
	})
}
