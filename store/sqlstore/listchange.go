package sqlstore

import (
	"cmp"
	"context"
	"errors"

	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// A listChange is a call of UpdateList.
type listChange struct {
	scim.ListDelta
	add  []string
	edit func(r *scim.Resource, changed bool) error

	out      *record // what came of it
	err      error   // why nothing came of it, if that is its own fault
	panicked any     // what edit has panicked with
}

// UpdateList changes the members of a group at the cost of the change. Changes of
// one group that come at the same moment share a transaction: one after the other,
// each with what those before it have left.
func (h *handler) UpdateList(ctx context.Context, id string, d scim.ListDelta, edit func(r *scim.Resource, changed bool) error) (*scim.Resource, error) {
	if h.layout.members == nil || !model.EqualFold(d.Attribute, h.layout.members.Name) {
		return nil, errors.ErrUnsupported
	}
	x := &listChange{ListDelta: d, edit: edit, add: make([]string, len(d.Add))}
	for i, m := range d.Add {
		x.add[i] = m.Value
	}
	work := func(ctx context.Context, all []*listChange) error { return h.updateList(ctx, id, all) }
	var err error
	if _, own := h.place.(*own); own && !d.Replace {
		err = h.store.changes.do(ctx, h.queue()+"\x00"+id, x, len(x.add)+len(d.Remove), work)
	} else {
		err = work(ctx, []*listChange{x})
	}
	switch {
	case x.panicked != nil:
		panic(x.panicked)
	case err != nil:
		return nil, err
	case x.err != nil:
		return nil, x.err
	}
	return h.resource(x.out), nil
}

// errNothing rolls a transaction back in which no change was made.
var errNothing = errors.New("sqlstore: nothing to store")

// updateList makes the changes of one list that can be made. An error means that
// none was made.
func (h *handler) updateList(ctx context.Context, id string, all []*listChange) error {
	p, ok := h.place.id(h, id)
	if !ok {
		return scim.ErrNotFound
	}
	if o, ok := h.place.(*own); ok && o.swaps() && !all[0].Replace {
		if err := h.swapList(ctx, o, id, p, all); !errors.Is(err, errStale) {
			return err
		}
	}
	var was, out *record
	err := h.write(ctx, func(tx runner) (err error) {
		if was, err = h.load(ctx, tx, showGroups, true, p); err != nil {
			return err
		}
		now := standingsOf(idsIn(all))
		if err := now.ask(ctx, h, tx, p); err != nil {
			return err
		}
		c, last, err := h.changeInTurn(ctx, tx, id, p, was, now, all)
		if err != nil {
			return err
		}
		if last == nil {
			return final{errNothing}
		}
		if err := c.apply(ctx, h, tx, p); err != nil {
			return err
		}
		if err := h.place.save(ctx, tx, h, was, last.out); err != nil {
			return err
		}
		last.out, err = h.place.after(ctx, tx, h, last.out, p)
		out = last.out
		return err
	}, func(ctx context.Context) (outcome, error) { return h.landed(ctx, id, was, out) })
	if errors.Is(err, errNothing) {
		return nil
	}
	return err
}

// swapList is updateList without a lock: a resource that another node changes
// meanwhile is errStale. That is rare, since the changes of one node come together.
func (h *handler) swapList(ctx context.Context, o *own, id string, p params, all []*listChange) error {
	var was, out *record
	return h.store.db.writeAlone(ctx, func(on runner) (err error) {
		now := standingsOf(idsIn(all))
		if was, err = o.peek(ctx, on, h, p, now); err != nil {
			return err
		}
		c, last, err := h.changeInTurn(ctx, on, id, p, was, now, all)
		if err != nil || last == nil {
			return err
		}
		out = last.out
		return o.swap(ctx, on, h, was, out, &c)
	}, func(ctx context.Context) (outcome, error) { return h.landed(ctx, id, was, out) })
}

// idsIn are the ids of the members that are to come or go.
func idsIn(all []*listChange) (ids []string) {
	for _, x := range all {
		ids = append(append(ids, x.add...), x.Remove...)
	}
	return ids
}

// changeInTurn runs changes one after the other, and gives what becomes of the
// list, and the last one that was made, if any.
func (h *handler) changeInTurn(ctx context.Context, tx session, id string, p params, rec *record, now standings, all []*listChange) (c change, last *listChange, err error) {
	before := make(map[string]bool, len(now))
	for v, s := range now {
		before[v] = s.member
	}
	for _, x := range all {
		one := h.changeOf(now, id, x.add, x.Remove)
		one.check(h.claimsOf(x.Add))
		if x.Replace {
			if one.cleared, err = h.keep(ctx, tx, p, x.add); err != nil {
				return c, nil, err
			}
		}
		if x.run(h, rec, &one); x.out == nil {
			continue
		}
		rec, last = x.out, x
		for v := range idsOf(one.added) {
			now[v].member = true
		}
		for v := range idsOf(one.dropped) {
			now[v].member = false
		}
	}
	for _, v := range idsIn(all) {
		s := now[v]
		switch {
		case s.member && !before[v]:
			c.added = append(c.added, s.element)
		case !s.member && before[v]:
			c.dropped = append(c.dropped, s.element)
		}
		before[v] = s.member
	}
	return c, last, nil
}

// run makes the change on rec, if it can be made. Who wants it knows what edit
// has panicked with.
func (x *listChange) run(h *handler, rec *record, c *change) {
	x.out, x.err, x.panicked = nil, nil, nil
	defer func() { x.panicked = recover() }()
	r := h.resource(rec)
	// Preconditions are the edit's business: it runs before the change is
	// looked at for errors.
	if x.err = x.edit(r, c.changes()); x.err != nil {
		return
	}
	if x.err = cmp.Or(h.accept(r), h.keepsID(rec, r), c.err(h)); x.err == nil {
		x.out = h.next(rec, r, c)
	}
}
