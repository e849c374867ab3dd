package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
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
	added, dropped []element // with what the database knows of them
	unknown        []string  // ids that name no resource that can be a member
	self           bool      // the resource is to be a member of itself
	cleared        int64     // how many were taken out already
}

// changes tells whether the list will be another.
func (c *change) changes() bool {
	return len(c.added)+len(c.dropped)+len(c.unknown) > 0 || c.self || c.cleared > 0
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

// A standing is what the database knows of an id: the resource, if it can be a
// member, and whether it is one.
type standing struct {
	element
	known, member bool
}

// standings are by id.
type standings map[string]*standing

func standingsOf(ids ...[]string) standings {
	now := make(standings)
	for _, id := range slices.Concat(ids...) {
		now[id] = new(standing)
	}
	return now
}

// know notes a row of references.plan. That may be of another id, which the column
// takes for the same: one that nobody has asked for.
func (now standings) know(value string, typ, display, member *string) {
	if s := now[value]; s != nil && typ != nil && !s.known {
		*s = standing{element{value: value, typ: *typ}, true, member != nil}
		if display != nil {
			s.display = *display
		}
	}
}

// ask asks about members that are to come or go, with one statement. The resource
// with the list is locked.
func (now standings) ask(ctx context.Context, h *handler, tx session, p params) error {
	if len(now) == 0 {
		return nil
	}
	refs := h.place.references()
	for _, o := range refs.adopt {
		if err := o.adoptRows(ctx, tx, h, maps.Keys(now)); err != nil {
			return err
		}
	}
	p["ids"] = texts(h.keys(maps.Keys(now)))
	rows, err := refs.plan.query(ctx, tx, p)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var value string
		var typ, display, member *string
		if err := rows.Scan(&value, &typ, &display, &member); err != nil {
			return err
		}
		now.know(refs.prefix+value, typ, display, member)
	}
	return rows.Err()
}

// changeOf finds what adding and removing members means for the list of the
// resource called id.
func (h *handler) changeOf(now standings, id string, add, remove []string) (c change) {
	seen := make(map[string]bool, len(add)+len(remove))
	for _, v := range add {
		s := now[v]
		switch {
		case seen[v]:
		case v == id && h.place.references().self:
			c.self = true
		case !s.known:
			c.unknown = append(c.unknown, v)
		case !s.member:
			c.added = append(c.added, s.element)
		}
		seen[v] = true
	}
	for _, v := range remove {
		if s := now[v]; !seen[v] && s.member {
			c.dropped = append(c.dropped, s.element)
		}
		seen[v] = true
	}
	return c
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

// keep takes all out of a list but ids, and tells how many went. It does so again
// where some are left, whom the application may have added meanwhile.
func (h *handler) keep(ctx context.Context, tx session, p params, ids []string) (n int64, err error) {
	p["ids"] = texts(h.keys(slices.Values(ids)))
	refs := h.place.references()
	for range 2 {
		went, err := refs.keep.exec(ctx, tx, p)
		if n += went; err != nil || refs.left.text == "" {
			return n, err
		}
		switch err := refs.left.row(ctx, tx, p).Scan(new(int)); {
		case errors.Is(err, sql.ErrNoRows):
			return n, nil
		case err != nil:
			return n, err
		}
	}
	return n, h.keptMember()
}

// apply makes the change.
func (c *change) apply(ctx context.Context, h *handler, tx session, p params) error {
	refs := h.place.references()
	p["place"] = time.Now().UnixMicro()
	for _, step := range []struct {
		statement
		elements []element
		in       bool // whether they are to be members
	}{{refs.add, c.added, true}, {refs.drop, c.dropped, false}} {
		if len(step.elements) == 0 {
			continue
		}
		p["ids"] = texts(h.keys(idsOf(step.elements)))
		n, err := step.exec(ctx, tx, p)
		switch {
		case err != nil && dangling(err):
			return errAgain // a member went after the plan was made
		case err != nil:
			return h.refusedMember(err)
		case n < int64(len(step.elements)) || refs.repeated && !step.in:
			err = h.short(ctx, tx, p, step.elements, step.in)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// short is for members of whom fewer came, or went, than was planned: some came or
// went meanwhile, or the application, with triggers and policies, does not let them,
// or writes them itself.
func (h *handler) short(ctx context.Context, tx session, p params, elements []element, in bool) error {
	if _, ok := h.place.(*host); ok {
		now := standingsOf(slices.Collect(idsOf(elements)))
		if err := now.ask(ctx, h, tx, p); err != nil {
			return err
		}
		all := true
		for _, s := range now {
			switch {
			case in && s.known && !s.member:
				return errRefused
			case !in && s.member:
				return h.keptMember()
			}
			all = all && s.known
		}
		in = in && !all
	}
	if in {
		return errAgain
	}
	return nil
}

func idsOf(elements []element) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, e := range elements {
			if !yield(e.value) {
				return
			}
		}
	}
}

// texts is a JSON array of strings.
func texts(all iter.Seq[string]) string { return string(appendTexts(nil, all)) }

func appendTexts(dst []byte, all iter.Seq[string]) []byte {
	dst = append(dst, '[')
	for s := range all {
		dst = append(document.AppendString(dst, s), ',')
	}
	return append(bytes.TrimSuffix(dst, []byte{','}), ']')
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

// difference tells what is to come into a list and what is to go.
func difference(was, is []string) (add, remove []string) {
	had, has := make(map[string]bool, len(was)), make(map[string]bool, len(is))
	for _, v := range was {
		had[v] = true
	}
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
	return add, remove
}

// changed is the list that was after c: those that were there in their order,
// then the new ones.
func (h *handler) changed(was []byte, c *change) []byte {
	list := h.layout.members
	dropped := make(map[string]bool, len(c.dropped))
	for id := range idsOf(c.dropped) {
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
