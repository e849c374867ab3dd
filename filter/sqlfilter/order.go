package sqlfilter

import (
	"strings"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/model"
)

// An Ordering sorts rows as filter.Order does, and continues after a row
// without counting those before it (keyset paging).
//
// A statement that selects Key and ID beside its other columns has, in its last
// row, what After needs for the next page.
type Ordering struct {
	SQL string // for ORDER BY
	Key string // the value that rows are sorted by, NULL if there is none; "" if by ID alone
	ID  string // the resource's id, which makes the order total

	d          Dialect
	descending bool
	always     bool // Key is never NULL
	text       bool // Key is text
	idText     bool
}

// OrderBy makes SQL of an order that is bound to the Compiler's resource type,
// or, of nil, of the order by id. The id needs a column, or a place in the key
// document, and one of form Opaque sorts as the database does. An error is an
// *UnsupportedError.
func (c *Compiler) OrderBy(o *filter.Order) (Ordering, error) {
	id, err := c.sortLeaf(model.IDAttr)
	if err != nil {
		return Ordering{}, err
	}
	out := Ordering{ID: id.sql, d: c.d, idText: id.text}
	if o == nil {
		out.SQL = out.ID
		return out, nil
	}
	out.descending = o.Descending()
	direction := ""
	if out.descending {
		direction = " DESC"
	}
	attr, err := c.find(o.Path())
	if err != nil {
		return Ordering{}, unsupported(o.Path().String(), "%v", err)
	}
	if attr == model.IDAttr {
		out.SQL = out.ID + direction
		return out, nil
	}
	key, err := c.sortKey(attr)
	if err != nil {
		return Ordering{}, err
	}
	out.Key, out.always, out.text = key.sql, key.always, key.text
	out.SQL = out.nulls(direction) + ", " + out.ID
	return out, nil
}

// nulls puts missing values last in ascending order and first in descending.
func (o Ordering) nulls(direction string) string {
	switch {
	case o.always:
		return o.Key + direction
	case o.d == MySQL:
		return o.Key + " IS NULL" + direction + ", " + o.Key + direction
	case o.descending:
		return o.Key + " DESC NULLS FIRST"
	}
	return o.Key + " NULLS LAST"
}

// After is the condition for the rows that follow one in the order: key and id
// are what that row has for Key and ID, key nil if that is NULL. first is the
// number of the first placeholder.
func (o Ordering) After(key, id any, first int) Clause {
	p := &printer{Compiler: &Compiler{d: o.d}, first: first}
	var sql string
	switch {
	case o.Key == "" && o.descending:
		sql = o.ID + " < " + p.cast(id, o.idText)
	case o.Key == "":
		sql = o.ID + " > " + p.cast(id, o.idText)
	case key == nil:
		sql = "(" + o.Key + " IS NULL AND " + o.ID + " > " + p.cast(id, o.idText) + ")"
		if o.descending {
			sql = "(" + sql + " OR " + o.Key + " IS NOT NULL)"
		}
	default:
		sign := " > "
		if o.descending {
			sign = " < "
		}
		at := p.cast(key, o.text)
		sql = "(" + o.Key + strings.TrimRight(sign, " ") + "= " + at + " AND ("
		if o.d == MySQL {
			at = p.cast(key, o.text)
		}
		sql += o.Key + sign + at + " OR " + o.ID + " > " + p.cast(id, o.idText) + "))"
		if !o.always && !o.descending {
			sql = "(" + sql + " OR " + o.Key + " IS NULL)"
		}
	}
	return Clause{sql, p.args, true}
}

// cast passes what a row of the database has given.
func (p *printer) cast(v any, text bool) string {
	if text {
		return p.textArg(v)
	}
	return p.arg(v)
}

// sortable is an expression to sort by.
type sortable struct {
	sql          string
	always, text bool
	form         Form
}

// sortLeaf is a single-valued attribute.
func (c *Compiler) sortLeaf(id model.ID) (sortable, error) {
	p := &printer{Compiler: c}
	l, err := p.leaf(scope{}, id)
	if err != nil {
		return sortable{}, err
	}
	if l.column == nil {
		return sortable{}, p.noColumn(id)
	}
	return p.sortColumn(l, c.t.Attr(id)), nil
}

func (p *printer) sortColumn(l leaf, a *model.Attr) sortable {
	column := *l.column
	s := sortable{sql: column.SQL, always: column.NotEmpty || a.ID == model.IDAttr, form: column.Form}
	switch column.Form {
	case Text, Key:
		s.text = true
		if !s.always && p.d != MySQL {
			column.SQL = "NULLIF(" + column.SQL + ", '')"
		}
		s.sql = p.text(leaf{column: &column, json: l.json}, question{attr: a}).binary
		if !s.always && p.d == MySQL {
			s.sql = "NULLIF(" + s.sql + ", '')" // of bytes: blanks are not nothing
		}
	case Time:
		if p.d == SQLite {
			s.sql, s.text = sqliteTime(column.SQL), true
		}
	}
	return s
}

func (c *Compiler) sortKey(id model.ID) (sortable, error) {
	m := c.multi(id)
	if m == model.None {
		return c.sortLeaf(id)
	}
	p := &printer{Compiler: c}
	lists, elements := c.lists[m], c.elements[m]
	switch {
	case len(lists) == 1 && len(elements) == 0 && !c.inKeys(m) && lists[0].order != "":
		return p.sortList(lists[0], m, id)
	case len(elements) > 0 && len(lists) == 0:
		return p.sortElements(elements, m, id)
	case !c.mapped(m) && c.inKeys(m):
		return p.sortArray(m, id), nil
	}
	return sortable{}, p.noOrder(id)
}

func (p *printer) sortList(l *list, m, id model.ID) (sortable, error) {
	column := l.leaves[id]
	if column == nil {
		return sortable{}, p.noColumn(id)
	}
	key, order := p.sortColumn(leaf{column: column}, p.t.Attr(id)), l.order
	if primary := l.leaves[p.t.Attr(m).Primary]; primary != nil && primary.Form == Boolean {
		order = primary.SQL + " IS TRUE DESC, " + order
	} else if primary != nil {
		order = "coalesce(" + primary.SQL + ", '') = 'true' DESC, " + order
	}
	key.sql = "(SELECT " + key.sql + " FROM " + l.from + " WHERE (" + l.on + ") ORDER BY " + order + " LIMIT 1)"
	key.always = false
	return key, nil
}

// sortElements takes the primary element, or else the first in the order of
// their paths, those of the key document behind them.
func (p *printer) sortElements(elements []*element, m, id model.ID) (sortable, error) {
	primary := p.t.Attr(m).Primary
	var key sortable
	var first, rest strings.Builder
	for i, e := range elements {
		column := e.leaves[id]
		if column == nil {
			return sortable{}, p.noColumn(id)
		}
		value := p.sortColumn(leaf{column: column}, p.t.Attr(id))
		if i > 0 && value.form != key.form {
			return sortable{}, p.noOrder(id)
		}
		key = value
		when := " WHEN " + e.present() + " THEN " + value.sql
		if flag := e.leaves[primary]; flag != nil {
			first.WriteString(" WHEN " + e.present() + " AND " + flag.SQL + " IS TRUE THEN " + value.sql)
		} else if e.consts[primary] == "true" {
			first.WriteString(when)
			continue
		}
		rest.WriteString(when)
	}
	if p.inKeys(m) {
		if !key.text || id == m {
			return sortable{}, p.noOrder(id)
		}
		array := p.sortArray(m, id).sql
		if primary != model.None {
			from, element, _ := p.d.elements(p.keys, p.path(model.Root, m))
			first.WriteString(" WHEN EXISTS (SELECT 1 FROM " + from + " WHERE " + p.d.jsonText(element, []string{p.t.Attr(primary).Name}) + " = 'true') THEN " + array)
		}
		rest.WriteString(" ELSE " + array)
	}
	key.sql, key.always = "CASE"+first.String()+rest.String()+" END", false
	return key, nil
}

func (p *printer) noOrder(id model.ID) error {
	return unsupported(p.t.Attr(id).Path, "this service provider does not sort by the attribute")
}

// sortArray takes the primary element of an array in the key document, or else
// the first.
func (p *printer) sortArray(m, id model.ID) sortable {
	a := p.t.Attr(id)
	path := p.path(m, id)
	if a.Multi && id != m {
		path = append(path, "")
	}
	if p.t.Attr(m).Primary == model.None || id == m {
		all := append(append(p.path(model.Root, m), ""), path...)
		return p.sortText(p.d.jsonText(p.keys, all))
	}
	from, element, place := p.d.elements(p.keys, p.path(model.Root, m))
	value := p.d.jsonText(element, path)
	primary := p.d.jsonText(element, []string{p.t.Attr(p.t.Attr(m).Primary).Name})
	key := p.sortText(value)
	key.sql = "(SELECT " + key.sql + " FROM " + from +
		" ORDER BY coalesce(" + primary + ", '') = 'true' DESC, " + place + " LIMIT 1)"
	return key
}

func (p *printer) sortText(sql string) sortable {
	return p.sortColumn(p.textLeaf(sql), &model.Attr{Kind: model.Binary})
}
