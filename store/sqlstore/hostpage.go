package sqlstore

import (
	"context"
	"strings"
)

// pages makes the statements for pages without a filter where clients see all rows,
// with a row of the library's beside them or without. all is that of every list.
//
// By an index that begins with the tenant and not with the key too, SQLite would
// put the whole resources of a tenant in order to find a page of them. keysFirst
// has it do so with keys; a part in brackets is open, for what limits the page.
func (o *host) pages(show lists, all string) {
	if o.Existing != Adopt {
		return
	}
	rows := "FROM " + o.Name + " t WHERE " + o.where
	// A name for {tenant}, which the list has, as the parameters must be the same.
	o.adopted = o.compile("SELECT count(*) "+rows+" AND CAST({tenant} AS text) IS NOT NULL", o.base()...)
	if o.Tenant == "" || o.dialect.Dialect == PostgreSQL {
		return
	}
	// + keeps SQLite from reading all of the tenant once more.
	where := strings.Replace(o.where, "t."+o.Tenant+" =", "+t."+o.Tenant+" =", 1)
	o.keysFirst[show] = o.compile(strings.Replace(all, "FROM "+o.from+" WHERE "+o.where, "FROM "+o.from+" WHERE "+where, 1)+
		" AND t."+o.ID+" IN (SELECT t."+o.ID+" "+rows, o.base()...)
}

// first is a list that ends within brackets, for a page of all resources.
func (o *host) first(show lists) (s statement, ok bool) {
	return o.keysFirst[show], o.keysFirst[show].text != ""
}

// collated makes the statement that compares keys by the collation of the column.
func (o *host) collated() {
	if !o.key.isInteger() && !uuidType.MatchString(o.key.typ) {
		o.earlier = o.dialect.compile("SELECT x.id FROM (SELECT " + o.ID + " AS id FROM " + o.Name +
			" WHERE 1 = 0 UNION ALL SELECT CAST({a} AS text) UNION ALL SELECT CAST({b} AS text)) x ORDER BY x.id LIMIT 1")
	}
}

// before is the order of the keys that pages end with. A collation of the host's is
// what the database knows alone.
func (h *handler) before(ctx context.Context) func(a, b any) bool {
	o, ok := h.place.(*host)
	if !ok || o.earlier.text == "" {
		return less
	}
	return func(a, b any) bool {
		var first string
		err := o.earlier.row(ctx, h.store.db.pool(), params{"a": a, "b": b}).Scan(&first)
		return err == nil && first == a
	}
}

// total counts the rows of the host's, if they all are resources.
func (o *host) total() (statement, bool) { return o.adopted, o.adopted.text != "" }
