package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// before is o as it reads what was beside rows in columns and lists by another mapping.
func (o *host) before(was typeRecord) *host {
	there := func(path string) bool { return strings.HasSuffix(was.attributes[path], inColumn) }
	old := *o
	old.mapped, old.brackets, old.child = nil, nil, nil
	for _, c := range o.child {
		if there(c.attr.Path) {
			old.child = append(old.child, c)
		}
	}
	old.elsewhereThanRest()
	for id := range o.layout.model.Attrs {
		if there(o.layout.model.Attrs[id].Path) {
			old.outside[model.ID(id)] = true
		}
	}
	return &old
}

// takeOut takes what has moved out of Table.Rest: the column has it by now.
func (v *mover) takeOut(ctx context.Context, tx session, h *handler, p params, rec *record, moved []string) error {
	there, ok := object(rec.host.rest)
	if v.Rest == "" || !ok {
		return nil
	}
	was := v.was.known(nil, there, document.Value{}, model.Root)
	r, err := scim.ParseResource(h.rt, was)
	if err != nil {
		return err
	}
	for _, path := range moved {
		if err := r.Set(path, nil); err != nil {
			return err
		}
	}
	is := v.was.known(nil, document.Trusted(r.Document().Bytes()), document.Value{}, model.Root)
	if bytes.Equal(was, is) {
		return nil
	}
	p = maps.Clone(p)
	p["v0"] = string(v.was.merge(nil, there, document.Trusted(was), document.Trusted(is), model.Root))
	if p["v0"] == "{}" && !v.rest.notNull {
		p["v0"] = nil
	}
	var held sql.NullString
	err = v.compile("UPDATE "+v.Name+" SET "+v.Rest+" = "+v.parameter(0, v.Rest)+" WHERE "+v.mine()+v.returning()).row(ctx, tx, p).Scan(new(string), &held)
	rec.host.rest = held.String
	return err
}

// fillColumns gives is the values of side that have columns by now, where those hold
// none. A column that always holds something may have it by default: who was
// deactivated stays so, and other values are in doubt.
func (v *mover) fillColumns(was *hostRow, is, side *scim.Resource, s storedDoc) (moved []string, err error) {
	for i, m := range v.mapped {
		beside, there := m.attribute(side), m.attribute(is)
		active := m.attr.ID == v.layout.model.SubString(model.Root, "active")
		switch {
		case m.Name == "" || beside == nil:
		case beside == there:
			moved = append(moved, m.path)
		case there == nil || active && beside == false:
			if m.only == nil { // see fillBrackets
				err = is.Set(m.path, beside)
			}
			if err != nil {
				return nil, err
			}
			moved = append(moved, m.path)
		case active || !m.info.notNull && !v.decides(m) || v.spokenFor(i):
		default:
			v.unclear = append(v.unclear, doubt{m, v.name(s)})
		}
	}
	return moved, v.fillBrackets(was, is, side)
}

// fillBrackets gives is the lists of side, with the elements where they stand, and what
// columns hold in them.
func (v *mover) fillBrackets(was *hostRow, is, side *scim.Resource) error {
	for _, b := range v.brackets {
		if list, ok := side.Document().Get(b.list.ID); ok {
			*is = scim.ResourceOf(is.Type(), is.Document().With(b.list.ID, list.Raw()))
		}
	}
	for _, b := range v.brackets {
		values := v.valuesOf(b, was.columns)
		maps.DeleteFunc(values, func(_ model.ID, v any) bool { return v == nil })
		if err := b.put(is, values); err != nil {
			return err
		}
	}
	return nil
}

// spokenFor tells whether an attribute before the i-th has its column, too, and says
// what it holds.
func (v *mover) spokenFor(i int) bool {
	return slices.ContainsFunc(v.mapped[:i], func(m *mappedColumn) bool { return m.Name == v.mapped[i].Name })
}

// fillLists is doc with the changed lists of side that have tables by now, where
// those have no rows. before, what was loaded, is without them then.
func (v *mover) fillLists(doc *document.Doc, before *hostRow, side *scim.Resource) (_ *document.Doc, moved []string) {
	for i, c := range v.child {
		list, ok := side.Document().Get(c.attr.ID)
		if ok && len(c.parse(before.lists[i])) == 0 && slices.Contains(v.changed, c.attr.Path) {
			doc, before.whole = doc.With(c.attr.ID, list.Raw()), before.whole.Without(c.attr.ID)
			moved = append(moved, c.attr.Path)
		}
	}
	return doc, moved
}
