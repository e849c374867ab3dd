package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// A record is a resource as it was loaded: the document without lists, and the
// lists in canonical form, nil if there is none or it was not asked for.
type record struct {
	doc             *document.Doc
	members, groups []byte
	shown           lists         // those that were asked for
	sent            *document.Doc // doc with its secrets, for columns that have them
	host            *hostRow      // what the host's table has, nil in the library's
}

// load reads the resource called id. p are its parameters.
func (h *handler) load(ctx context.Context, on session, show lists, lock bool, p params) (*record, error) {
	if s, needed := h.place.hold(show); lock && needed {
		if err := s.row(ctx, on, p).Scan(new(any)); errors.Is(err, sql.ErrNoRows) {
			return nil, scim.ErrNotFound
		} else if err != nil {
			return nil, err
		}
	}
	rec, err := h.place.scan(h, h.place.read(show, lock).row(ctx, on, p))
	if errors.Is(err, sql.ErrNoRows) {
		err = scim.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	if id, _ := rec.doc.Get(model.IDAttr); id.String() != p["id"] {
		return nil, scim.ErrNotFound // the column takes both for the same, as citext does
	}
	rec.shown = show
	return rec, nil
}

// addLists gives rec the lists that the database gathered.
func (h *handler) addLists(rec *record, members, groups []byte) *record {
	rec.members = h.references(h.layout.members, members, memberElement)
	rec.groups = h.references(h.layout.groups, groups, groupElement)
	return rec
}

// resource gives the resource with its lists.
func (h *handler) resource(rec *record) *scim.Resource {
	d := rec.doc
	if rec.members != nil {
		d = d.With(h.layout.members.ID, rec.members)
	}
	if rec.groups != nil {
		d = d.With(h.layout.groups.ID, rec.groups)
	}
	r := scim.ResourceOf(h.rt, d)
	return &r
}

// element is one reference: to a resource, by what it is displayed, and of what
// type the reference is.
type element struct{ value, typ, display string }

// memberElement reads [id, type, display].
func memberElement(v [3]document.Value) element {
	return element{v[0].String(), v[1].String(), shownText(v[2])}
}

// groupElement reads [id, display, whether it is direct].
func groupElement(v [3]document.Value) element {
	e := element{v[0].String(), "indirect", shownText(v[1])}
	if string(v[2].Raw()) == "1" {
		e.typ = "direct"
	}
	return e
}

// shownText is what a resource is displayed by, "" for NULL.
func shownText(v document.Value) string {
	if v.Kind() == document.Null {
		return ""
	}
	return v.String()
}

// references makes the value of list of what the database gathered, an array of
// arrays of three. Of the name of one resource, which is in all lists that it is in,
// SQLite may give what is no UTF-8, and has U+FFFD then.
func (h *handler) references(list *model.Attr, gathered []byte, read func([3]document.Value) element) []byte {
	if list == nil || len(gathered) == 0 {
		return nil
	}
	dst := append(make([]byte, 0, 2*len(gathered)), '[')
	it := document.Trusted(gathered).Iter()
	for row, ok := it.Next(); ok; row, ok = it.Next() {
		var three [3]document.Value
		columns := row.Iter()
		for i := range three {
			three[i], _ = columns.Next()
		}
		dst = append(h.appendElement(dst, list, read(three)), ',')
	}
	return closeList(dst)
}

// closeList ends a list that was written with a comma behind each element, nil
// if there is none.
func closeList(dst []byte) []byte {
	if dst[len(dst)-1] == '[' {
		return nil
	}
	dst[len(dst)-1] = ']'
	return dst
}

// appendElement writes an element of list with what the schema has of value,
// type and display.
func (h *handler) appendElement(dst []byte, list *model.Attr, e element) []byte {
	dst = append(dst, '{')
	for id := list.ID + 1; id < list.End; id++ {
		text := ""
		switch id {
		case list.Value:
			text = e.value
		case list.TypeSub:
			text = e.typ
		case list.Display:
			text = e.display
		}
		if text != "" {
			dst = append(document.AppendString(append(dst, h.model.Attrs[id].Key...), text), ',')
		}
	}
	dst[len(dst)-1] = '}' // the value is always there
	return dst
}

// shown are the lists but for those in omit.
func (h *handler) shown(omit []string) lists {
	show := showMembers | showGroups
	for _, name := range omit {
		if h.layout.members != nil && model.EqualFold(name, h.layout.members.Name) {
			show &^= showMembers
		}
		if h.layout.groups != nil && model.EqualFold(name, h.layout.groups.Name) {
			show &^= showGroups
		}
	}
	return show
}

// Get loads a resource with one statement.
func (h *handler) Get(ctx context.Context, id string, opt scim.GetOptions) (*scim.Resource, error) {
	p, ok := h.place.id(h, id)
	if !ok {
		return nil, scim.ErrNotFound
	}
	var rec *record
	err := h.store.db.read(ctx, func(r runner) (err error) {
		rec, err = h.load(ctx, r, h.shown(opt.Omit), false, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	return h.resource(rec), nil
}
