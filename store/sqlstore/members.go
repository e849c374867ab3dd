package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/scim"
)

// A change is what becomes of the list of a resource, found but not made.
type change struct {
	add, drop []string
	added     []element // add with what the database knows of it
	unknown   []string  // ids that name no resource that can be a member
	self      bool      // the resource is to be a member of itself
	cleared   int64     // how many were taken out already
}

// changes tells whether the list will be another.
func (c *change) changes() bool {
	return len(c.add)+len(c.drop)+len(c.unknown) > 0 || c.self || c.cleared > 0
}

// err tells why the change cannot be.
func (c *change) err(h *handler) error {
	switch {
	case len(c.unknown) > 0:
		return &scim.UnknownMembersError{Attribute: h.layout.members.Name, IDs: c.unknown}
	case c.self:
		return &scim.Error{Status: http.StatusBadRequest, Type: "invalidValue",
			Detail: h.layout.members.Name + ": a " + h.model.Name + " cannot be in its own list."}
	}
	return nil
}

// plan finds what adding and removing members means for the list of the
// resource called id, which tx has locked, with one statement.
func (h *handler) plan(ctx context.Context, tx session, id string, p params, add, remove []string) (c change, err error) {
	const toAdd, toDrop = 1, 2
	wanted := make(map[string]int, len(add)+len(remove))
	for _, v := range add {
		if v == id && h.place.references().self {
			c.self = true
		} else {
			wanted[v] = toAdd
		}
	}
	for _, v := range remove {
		wanted[v] |= toDrop &^ wanted[v]
	}
	if len(wanted) == 0 {
		return c, nil
	}
	refs := h.place.references()
	p["ids"] = texts(h.keys(maps.Keys(wanted)))
	for _, o := range refs.adopt {
		if err := o.adoptRows(ctx, tx, h, maps.Keys(wanted)); err != nil {
			return c, err
		}
	}
	known := make(map[string]element, len(add))
	rows, err := refs.plan.query(ctx, tx, p)
	if err != nil {
		return c, err
	}
	defer rows.Close()
	for rows.Next() {
		var value string
		var typ, display, member sql.NullString
		if err := rows.Scan(&value, &typ, &display, &member); err != nil {
			return c, err
		}
		value = refs.prefix + value
		switch {
		case wanted[value] == toDrop && member.Valid:
			c.drop = append(c.drop, value)
		case wanted[value] == toAdd && typ.Valid && !member.Valid:
			known[value] = element{value, typ.String, display.String}
		}
		if typ.Valid {
			delete(wanted, value)
		}
	}
	for _, value := range add { // in the order of the client
		if e, ok := known[value]; ok {
			c.add, c.added = append(c.add, value), append(c.added, e)
			delete(known, value)
		} else if wanted[value] == toAdd {
			c.unknown = append(c.unknown, value)
			delete(wanted, value)
		}
	}
	return c, rows.Err()
}

// keys are the parts of members' ids that the database knows. Ids that no
// member can have are left out.
func (h *handler) keys(ids iter.Seq[string]) iter.Seq[string] {
	refs := h.place.references()
	return func(yield func(string) bool) {
		for id := range ids {
			key, ok := strings.CutPrefix(id, refs.prefix)
			if ok && storable(key) && (refs.possible == nil || refs.possible(key)) && !yield(key) {
				return
			}
		}
	}
}

// keep takes all out of a list but ids, and tells how many went.
func (h *handler) keep(ctx context.Context, tx session, p params, ids []string) (int64, error) {
	p["ids"] = texts(h.keys(slices.Values(ids)))
	return h.place.references().keep.exec(ctx, tx, p)
}

// apply makes the change.
func (c *change) apply(ctx context.Context, h *handler, tx session, p params) error {
	refs := h.place.references()
	p["place"] = time.Now().UnixMicro()
	for _, step := range []struct {
		statement
		ids []string
		all bool
	}{{refs.add, c.add, true}, {refs.drop, c.drop, false}} {
		if len(step.ids) == 0 {
			continue
		}
		p["ids"] = texts(h.keys(slices.Values(step.ids)))
		n, err := step.exec(ctx, tx, p)
		if err == nil && step.all && n < int64(len(step.ids)) || err != nil && dangling(err) {
			return errAgain // a member went after the plan was made
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// texts is a JSON array of strings.
func texts(all iter.Seq[string]) string {
	dst := []byte{'['}
	for s := range all {
		dst = append(document.AppendString(dst, s), ',')
	}
	return string(append(bytes.TrimSuffix(dst, []byte{','}), ']'))
}

// storable tells whether every database can hold s.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// memberIDs gives the ids in a list of members.
func (h *handler) memberIDs(d *document.Doc) []string {
	if h.layout.members == nil {
		return nil
	}
	list, _ := d.Get(h.layout.members.ID)
	value := h.model.Attr(h.layout.members.Value)
	var ids []string
	it := list.Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		id, _ := e.Member(value)
		ids = append(ids, id.String())
	}
	return ids
}

// changeTo finds how the list of a resource, whose ids are was, becomes is.
func (h *handler) changeTo(ctx context.Context, tx session, id string, p params, was, is []string) (change, error) {
	had, has := make(map[string]bool, len(was)), make(map[string]bool, len(is))
	for _, v := range was {
		had[v] = true
	}
	var add, remove []string
	for _, v := range is {
		if has[v] = true; !had[v] {
			add = append(add, v)
		}
	}
	for _, v := range was {
		if !has[v] {
			remove = append(remove, v)
		}
	}
	return h.plan(ctx, tx, id, p, add, remove)
}

// changed is the list that was after c: those that were there in their order,
// then the new ones.
func (h *handler) changed(was []byte, c *change) []byte {
	list := h.layout.members
	dropped := make(map[string]bool, len(c.drop))
	for _, id := range c.drop {
		dropped[id] = true
	}
	value := h.model.Attr(list.Value)
	dst := []byte{'['}
	it := document.Trusted(was).Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		if id, _ := e.Member(value); !dropped[id.String()] {
			dst = append(append(dst, e.Raw()...), ',')
		}
	}
	for _, e := range c.added {
		dst = append(h.appendElement(dst, list, e), ',')
	}
	return closeList(dst)
}
