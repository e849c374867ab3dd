package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/scim"
)

// A listing is the SQL of a Query.
type listing struct {
	where string // further conditions
	whole bool   // where says of which tenant and type, too
	args  []any
	order string
	scan  bool // the rest is done in memory
}

// List finds resources. The default order is that of their ids, which for ids
// that the engine makes is that of creation.
func (h *handler) List(ctx context.Context, q scim.Query) (p scim.Page, err error) {
	l, err := h.compile(q)
	if err != nil {
		return scim.Page{}, err
	}
	err = h.store.db.read(ctx, func(runner) (err error) {
		if err := h.place.ready(ctx, h, l.where+l.order); err != nil {
			return err
		}
		p, err = h.find(ctx, q, l)
		return err
	})
	return p, err
}

// find is List when all is ready.
func (h *handler) find(ctx context.Context, q scim.Query, l listing) (p scim.Page, err error) {
	if l.scan {
		return h.scan(ctx, q, l)
	}
	p.Total = -1
	var mark bookmark
	from := max(q.StartIndex, 1) - 1
	if q.Count > 0 {
		if err := h.page(ctx, q, l, from, &p, &mark); err != nil {
			return scim.Page{}, err
		}
	}
	n := len(p.Resources)
	switch {
	case n > 0 && n < q.Count, n == 0 && from == 0 && q.Count > 0:
		p.Total = from + n
	case p.Total < 0:
		if p.Total, err = h.totalOf(ctx, q, l); err != nil {
			return scim.Page{}, err
		}
	}
	switch {
	case q.Order != nil || n == 0:
	case n < q.Count || from+n == p.Total:
		h.store.walks.end(mark.walk)
	default:
		last, _ := h.place.id(h, p.Resources[n-1].ID())
		h.store.walks.remember(walkTo(h, q, from+n), bookmark{key: last["key"], total: p.Total, walk: mark.walk}, h.before(ctx))
	}
	if o, ok := h.place.(*host); ok && q.Filter != nil {
		p.Resources = slices.DeleteFunc(p.Resources, func(r *scim.Resource) bool { return o.misnamed(q.Filter, r) })
		p.Total -= n - len(p.Resources)
	}
	return p, nil
}

// compile makes SQL of filter and order.
func (h *handler) compile(q scim.Query) (l listing, err error) {
	first := len(h.place.count().names) + 1
	l.order = h.place.by()
	if q.Filter != nil && h.few(q.Filter) {
		// A database that knows no better would read all in this order to
		// find them.
		l.order = "coalesce(" + l.order + ", " + l.order + ")"
	}
	if q.Filter != nil {
		if x, keys, ok := h.lookup(q.Filter); ok && keys == nil {
			l.where += " AND 1 = 0"
		} else if ok {
			var placeholders []any
			for range keys {
				placeholders = append(placeholders, h.store.db.dialect.Placeholder(first))
				first++
			}
			l.where, l.whole = " AND "+fmt.Sprintf(x.condition, placeholders...), x.whole
			l.args = append(l.args, keys...)
			if _, alone := q.Filter.Expr().(*filter.Compare); alone && x.exact {
				err = h.compileOrder(q, &l)
				return l, err
			}
		}
		if err := h.place.beyond(q.Filter.Expr()); err != nil {
			l.scan = h.store.scan > 0
			return l, refusedUnless(l.scan, err)
		}
		c, err := h.filters.Where(q.Filter, first)
		if err != nil {
			return l, refused(err)
		}
		l.where += " AND (" + h.base(c.SQL) + ")"
		l.args = append(l.args, c.Args...)
		l.scan = !c.Exact
	}
	err = h.compileOrder(q, &l)
	return l, err
}

func (h *handler) compileOrder(q scim.Query, l *listing) error {
	if q.Order == nil {
		return nil
	}
	var o sqlfilter.Ordering
	err := h.place.unsorted(q.Order)
	if err == nil {
		o, err = h.filters.OrderBy(q.Order)
	}
	var unsupported *sqlfilter.UnsupportedError
	switch {
	case err == nil:
		l.order = h.base(o.SQL)
	case errors.As(err, &unsupported) && h.store.scan > 0:
		l.scan = true
	default:
		return refused(err)
	}
	return nil
}

// text is s, a statement about all resources, about those of the listing.
func (h *handler) text(s statement, l listing) string {
	if o, ok := h.place.(*own); ok && l.whole {
		return strings.TrimSuffix(s.text, o.every) + strings.TrimPrefix(l.where, " AND ")
	}
	return s.text + l.where
}

// few tells whether f finds few, by an index.
func (h *handler) few(f *filter.Filter) bool {
	paths := []string{"externalId"}
	if h.name != nil {
		paths = append(paths, h.name.Path)
	}
	for _, x := range h.lookups {
		paths = append(paths, x.path)
	}
	return slices.ContainsFunc(paths, func(path string) bool { _, ok := f.Equals(path); return ok })
}

// lookup finds an index that has what f is about. keys are for its condition, nil if
// nothing can have that value.
func (h *handler) lookup(f *filter.Filter) (x lookup, keys []any, ok bool) {
	for _, x := range h.lookups {
		value, ok := f.Equals(x.path)
		if !ok {
			continue
		}
		if x.convert != nil {
			key, ok := x.convert(value)
			switch {
			case !ok:
				return x, nil, true
			case x.sent:
				return x, []any{key, value}, true
			}
			return x, []any{key}, true
		}
		if k, ok := filter.LiteralKey(x.attr, value); ok && storable(k) {
			return x, []any{bounded(k)}, true
		}
	}
	return x, nil, false
}

// base puts placeholders in the place of the parameters that every list has.
func (k *kind) base(sql string) string {
	for i, name := range k.place.base() {
		sql = strings.ReplaceAll(sql, "{"+name+"}", k.store.db.dialect.Placeholder(i+1))
	}
	return sql
}

func refusedUnless(scan bool, err error) error {
	if scan {
		return nil
	}
	return refused(err)
}

// refused makes of a filter that SQL cannot express the answer of RFC 7644.
func refused(err error) error {
	var u *sqlfilter.UnsupportedError
	if errors.As(err, &u) {
		return &scim.Error{Status: http.StatusBadRequest, Type: "invalidFilter", Detail: u.Error()}
	}
	return err
}

// scan answers from all rows that SQL finds, if they are not too many.
func (h *handler) scan(ctx context.Context, q scim.Query, l listing) (scim.Page, error) {
	s := h.place.list(showMembers | showGroups)
	args := append(s.args(h.place.everything(h)), l.args...)
	rows, err := h.store.db.QueryContext(ctx, h.text(s, l)+" LIMIT "+h.store.db.dialect.Placeholder(len(args)+1), append(args, h.store.scan+1)...)
	if err != nil {
		return scim.Page{}, err
	}
	var all scim.Page
	if err := h.read(rows, &all, false); err != nil {
		return scim.Page{}, err
	}
	if len(all.Resources) > h.store.scan {
		return scim.Page{}, &scim.Error{Status: http.StatusBadRequest, Type: "tooMany",
			Detail: fmt.Sprintf("The filter or the order is about more than %d resources; a condition on userName or externalId makes them fewer.", h.store.scan)}
	}
	return q.Select(slices.Values(all.Resources)), nil
}

// page reads the resources behind the first from matches, and perhaps the total.
// mark becomes the bookmark that it began at, if there was one.
func (h *handler) page(ctx context.Context, q scim.Query, l listing, from int, p *scim.Page, mark *bookmark) error {
	s := h.place.list(h.shown(q.Omit))
	end := ""
	if o, ok := h.place.(*host); ok && q.Filter == nil && q.Order == nil {
		if first, ok := o.first(h.shown(q.Omit)); ok {
			s, end = first, ") ORDER BY "+l.order
		}
	}
	args := append(s.args(h.place.everything(h)), l.args...)
	text := []string{h.text(s, l)}
	add := func(sql string, arg any) {
		args = append(args, arg)
		text = append(text, sql, h.store.db.dialect.Placeholder(len(args)))
	}
	walking := false
	if q.Order == nil && from > 0 {
		*mark, walking = h.store.walks.after(walkTo(h, q, from))
	}
	total, together := h.place.total()
	together = together && q.Filter == nil && !walking
	if walking {
		add(" AND "+h.place.by()+" > ", mark.key)
	} else if together {
		text[0] = "SELECT (" + total.text + "), " + strings.TrimPrefix(text[0], "SELECT ")
	}
	text = append(text, " ORDER BY ", l.order)
	add(" LIMIT ", q.Count)
	if from > 0 && !walking {
		add(" OFFSET ", from)
	}
	rows, err := h.store.db.pool().QueryContext(ctx, strings.Join(append(text, end), ""), args...)
	if err != nil {
		return err
	}
	err = h.read(rows, p, together)
	if n := len(p.Resources); walking && n > 0 {
		p.Total = max(mark.total, from+n)
	}
	return err
}

// read makes resources of rows, which have the total in front if counted.
func (h *handler) read(rows *sql.Rows, p *scim.Page, counted bool) error {
	defer rows.Close()
	var row interface{ Scan(...any) error } = rows
	if counted {
		row = behind{rows, &p.Total}
	}
	for rows.Next() {
		rec, err := h.place.scan(h, row)
		if err != nil {
			return err
		}
		p.Resources = append(p.Resources, h.resource(rec))
	}
	return rows.Err()
}

// behind is a row behind its first column.
type behind struct {
	rows  *sql.Rows
	first *int
}

func (b behind) Scan(columns ...any) error {
	return b.rows.Scan(append([]any{b.first}, columns...)...)
}

// totalOf counts the matches.
func (h *handler) totalOf(ctx context.Context, q scim.Query, l listing) (n int, err error) {
	s := h.place.count()
	if total, ok := h.place.total(); ok && q.Filter == nil {
		s = total
	}
	err = h.store.db.pool().QueryRowContext(ctx, h.text(s, l), append(s.args(h.place.everything(h)), l.args...)...).Scan(&n)
	return n, err
}
