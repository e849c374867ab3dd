package filters

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/filter/sqlfilter"
)

// TestOrderBy: the pages of a walk through a sorted list, each of which
// continues after the last row of the one before, are in the order that memory
// sorts by.
func TestOrderBy(t *testing.T) {
	rows := makeRows(t, 3, 60)
	locales(t, rows, func(t *testing.T, e *engine) {
		t.Parallel()
		for i, a := range attributes {
			if i%min(share, 5) != 0 {
				continue
			}
			for _, descending := range []bool{false, true} {
				o, err := filter.NewOrder(gadget, a.path, descending)
				var complexAttr *filter.BindError
				if errors.As(err, &complexAttr) {
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				e.checkOrder(t, o)
			}
		}
	})
}

// unsortable are attributes that the columns do not sort by.
var unsortable = []string{"parts.many", "mails.type", "mails.primary", "roles", "roles.value", "roles.primary"}

func (e *engine) checkOrder(t *testing.T, o *filter.Order) {
	t.Helper()
	sorted := slices.Clone(e.rows)
	filter.Sort(o, sorted)
	var want []int64
	for _, r := range sorted {
		want = append(want, r.columns["n"].(int64))
	}
	for _, m := range e.mappings {
		by, err := m.strict.OrderBy(o)
		var cannot *sqlfilter.UnsupportedError
		if errors.As(err, &cannot) && m.name != "key document" && slices.Contains(unsortable, cannot.Attr) {
			continue
		}
		if err != nil {
			t.Fatalf("%s: %s: %v", m.name, o.Path(), err)
		}
		got, err := e.walk(by)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s by %s, descending %v: %v, %v, want %v\n%s", m.name, o.Path(), o.Descending(), got, err, want, by.SQL)
		}
	}
}

// walk reads all rows in pages of seven.
func (e *engine) walk(by sqlfilter.Ordering) (all []int64, err error) {
	key := by.Key
	if key == "" {
		key = "NULL"
	}
	after := sqlfilter.Clause{SQL: "TRUE"}
	for range len(e.rows) {
		page, err := e.db.Query("SELECT g.n, "+key+", "+by.ID+" FROM gadgets g WHERE "+after.SQL+" ORDER BY "+by.SQL+" LIMIT 7", after.Args...)
		if err != nil {
			return all, fmt.Errorf("%w: %s", err, after.SQL)
		}
		var value, id any
		n := len(all)
		for page.Next() {
			all = append(all, 0)
			if err := page.Scan(&all[len(all)-1], &value, &id); err != nil {
				return all, err
			}
		}
		if err := page.Err(); err != nil || len(all) == n {
			return all, err
		}
		after = by.After(value, id, 1)
	}
	return all, errors.New("the walk does not end")
}
