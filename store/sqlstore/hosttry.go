package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// tryMappings has the database plan every statement about the host's tables, so that
// what is wrong with names, types, SQL or privileges is an error of Open, and not
// of a request. Nothing is run.
func (s *Store) tryMappings(ctx context.Context) error {
	for _, k := range s.kinds {
		o, ok := k.place.(*host)
		if !ok {
			continue
		}
		if err := o.tryParts(ctx, k.handler("")); err != nil {
			return err
		}
		for _, g := range o.statementGroups() {
			for _, stmt := range g.all {
				if err := s.db.plan(ctx, stmt.text, make([]any, len(stmt.names))); err != nil {
					return fmt.Errorf("sqlstore: the mapping of %s: to %s: %w", k.model.Name, g.what, err)
				}
			}
		}
	}
	return nil
}

// plan has the database plan a statement.
func (d *database) plan(ctx context.Context, text string, args []any) error {
	if text == "" {
		return nil
	}
	rows, err := d.DB.QueryContext(ctx, "EXPLAIN "+text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

// tryParts tries each part of the mapping by itself, so that the error names it.
func (o *host) tryParts(ctx context.Context, h *handler) error {
	var p problems
	d := h.store.db
	try := func(what string, s statement) {
		p.note(d.plan(ctx, s.text, make([]any, len(s.names))), "%s", what)
	}
	try("the table "+o.Name, o.dialect.compile("SELECT t."+o.ID+" FROM "+o.Name+" t"))
	try("Where", o.dialect.compile("SELECT 1 FROM "+o.from+" WHERE "+o.where))
	if p == nil {
		p.note(o.keepsInactive(ctx, d), "Where")
	}
	for _, m := range o.mapped {
		try("the attribute "+m.path+", column "+m.source(), o.dialect.compile("SELECT "+m.read+" FROM "+o.from))
	}
	for _, c := range o.child {
		try("the attribute "+c.attr.Path+", table "+c.Table, o.dialect.compile("SELECT "+c.gather+" FROM "+o.from))
	}
	for _, name := range slices.Sorted(maps.Keys(o.Fixed)) {
		set := o.dialect.compile("UPDATE " + o.Name + " SET " + name + " = {v}")
		p.note(d.plan(ctx, set.text, []any{o.Fixed[name]}), "Fixed, column %s", name)
	}
	if p == nil {
		o.tryQueries(ctx, h, &p)
	}
	if p != nil {
		return fmt.Errorf("sqlstore: the mapping of %s: %w", o.layout.model.Name, errors.Join(p...))
	}
	return nil
}

// tryQueries tries a filter and an order on each attribute with a column.
func (o *host) tryQueries(ctx context.Context, h *handler, p *problems) {
	list := o.list(0)
	args := list.args(o.everything(h))
	try := func(path string, q scim.Query) {
		l, err := h.compile(q)
		if err != nil {
			return // no client can ask so
		}
		p.note(h.store.db.plan(ctx, list.text+l.where+" ORDER BY "+l.order, append(slices.Clone(args), l.args...)), "a filter or order on %s", path)
	}
	for _, m := range o.mapped {
		path := m.attr.Path
		try(m.path, scim.Query{Filter: h.example(path + " eq " + example(m.attr))})
		if order, err := filter.NewOrder(h.rt, path, false); err == nil {
			try(m.path, scim.Query{Order: order})
		}
	}
	for _, c := range o.child {
		for _, sub := range c.subs {
			try(sub.attr.Path, scim.Query{Filter: h.example(sub.attr.Path + " eq " + example(sub.attr))})
		}
	}
}

// example is a filter, nil if the attribute has none.
func (h *handler) example(text string) *filter.Filter {
	e, err := filter.Parse(text)
	if err != nil {
		return nil
	}
	f, err := filter.Bind(e, h.rt)
	if err != nil {
		return nil
	}
	return f
}

// example is a value of an attribute in a filter.
func example(a *model.Attr) string {
	switch a.Kind {
	case model.Boolean:
		return "true"
	case model.Integer, model.Decimal:
		return "1"
	case model.DateTime:
		return `"2000-01-01T00:00:00Z"`
	}
	return `"a"`
}

// A statementGroup is what some requests run.
type statementGroup struct {
	what string
	all  []statement
}

func (o *host) statementGroups() []statementGroup {
	r, s := o.refs, o.side
	read := append(o.all[:], o.get[:]...)
	for _, first := range o.keysFirst {
		if first.text != "" {
			first.text += ")"
			read = append(read, first)
		}
	}
	groups := []statementGroup{
		{"read resources", append(read, o.counting, o.adopted)},
		{"create resources", []statement{o.insertion(), o.existing, o.unlinked, s.put, s.keep, s.orphan, s.stale}},
		{"change resources", append(o.lock[:], o.holding, o.hidden, o.change())},
		{"delete resources", append(slices.Clone(o.leave), o.gone, s.remove)},
		{"change members", []statement{r.plan, r.add, r.drop, r.keep, r.left, o.linking}},
	}
	if o.Rest != "" {
		groups = append(groups, statementGroup{"read " + o.Rest, []statement{o.changed, o.held, o.rekey, o.purge}})
	}
	for _, h := range r.holders {
		groups = append(groups, statementGroup{"change groups", []statement{h.lock, h.touch}})
	}
	for _, m := range o.mapped {
		groups = append(groups, statementGroup{"find another " + m.path, []statement{m.other}})
	}
	for _, m := range o.keying {
		groups = append(groups, statementGroup{"write the keys " + m.Key, []statement{o.keySetter(m)}})
	}
	for _, c := range o.child {
		groups = append(groups, statementGroup{"change " + c.attr.Path, []statement{c.held, c.remove, c.add, o.changeOf(c)}})
	}
	return groups
}

// insertion is the creation of a row with all columns.
func (o *host) insertion() statement {
	columns, values := "", ""
	for i, name := range o.writtenColumns(o.given()) {
		columns, values = columns+", "+name, values+", "+o.parameter(i, name)
	}
	text := "INSERT INTO " + o.Name + " DEFAULT VALUES"
	if columns != "" {
		text = "INSERT INTO " + o.Name + " (" + columns[2:] + ") VALUES (" + values[2:] + ")"
	}
	return o.dialect.compile(text + o.returning())
}

// change is a change of a row in all columns that attributes are in.
func (o *host) change() statement {
	names, set := []string{o.Rest}, ""
	for _, m := range o.mapped {
		names = append(names, m.Name, m.Key)
	}
	for i, name := range o.writtenColumns(names) {
		set += ", " + name + " = " + o.parameter(i, name)
	}
	if set == "" {
		return statement{}
	}
	return o.dialect.compile("UPDATE " + o.Name + " SET " + set[2:] + " WHERE " + o.ID + " = {key}" + o.returning())
}

// changeOf is a change of rows of a list in all columns.
func (o *host) changeOf(c *childList) statement {
	var set []string
	for i := range c.subs {
		set = append(set, o.assignment(c, i))
	}
	if c.Order != "" {
		set = append(set, c.Order+" = {place}")
	}
	return o.compile("UPDATE " + c.Table + " AS c SET " + strings.Join(set, ", ") + c.found)
}

// writtenColumns are those of names that the library writes, each once.
func (o *host) writtenColumns(names []string) []string {
	names = slices.Clone(names)
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool {
		return name == "" || name == o.ID && o.key.hasDefault
	})
}
