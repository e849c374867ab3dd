package storetest

import (
	"context"
	"errors"
	"slices"

	"github.com/scimkit/scimkit/scim"
)

func (h *small) Update(ctx context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
	h.db.mu.Lock()
	defer h.db.mu.Unlock()
	old, err := h.find(id)
	if err != nil {
		if h.db.is("calls edit before it looks") {
			_ = edit(h.all()[0])
		}
		return nil, err
	}
	r := h.show(old)
	switch h.db.fault {
	case "edits the stored resource":
		r = old
	case "gives edit a resource without its id":
		r, _ = scim.NewResource(h.rt, nil)
	case "gives edit no members":
		_ = r.Set("members", nil)
	case "keeps the members apart and forgets them on Update":
		_ = old.Set("members", nil)
		r = h.show(old)
	}
	if err := h.edit(r, edit); err != nil {
		return nil, err
	}
	if err := h.done(ctx); err != nil {
		return nil, err
	}
	return h.save(old, r)
}

// edit runs an edit, wrongly if that is the fault.
func (h *small) edit(r *scim.Resource, edit func(*scim.Resource) error) error {
	before := h.sp.rows[r.ID()]
	if h.db.is("reads, then writes") {
		h.pause()
	}
	if h.db.is("compares and swaps, and gives edit the same resource again") {
		err := edit(r)
		h.pause()
		if err != nil || h.sp.rows[r.ID()] == before {
			return err
		}
	}
	err := edit(r)
	switch {
	case err == nil:
		return nil
	case h.db.is("stores what a failed edit made"):
		h.put(r)
	case h.db.is("hides the error of edit"):
		return errors.New("edit failed: " + err.Error())
	case h.db.is("forgets the error of edit"):
		return nil
	}
	return err
}

// save stores r, which was old.
func (h *small) save(old, r *scim.Resource) (*scim.Resource, error) {
	before := old.Clone()
	if h.db.is("takes a resource's own value for a conflict") && h.key(r) == h.key(old) && r.String("userName") != old.String("userName") {
		return nil, scim.ErrConflict
	}
	if !h.db.is("checks conflicts on Create only") {
		if err := h.conflict(r); err != nil {
			if h.db.is("writes, then finds the conflict") {
				h.put(r)
			}
			return nil, err
		}
	}
	if err := h.unknown(r); err != nil {
		return nil, err
	}
	switch h.db.fault {
	case "looks for conflicts, then updates":
		h.pause()
	case "writes in two steps":
		half := old.Clone()
		_ = half.Set("externalId", r.String("externalId"))
		h.put(half)
		h.pause()
	case "merges instead of replacing":
		if r.String("externalId") == "" {
			_ = r.Set("externalId", old.String("externalId"))
		}
	}
	h.put(r)
	switch h.db.fault {
	case "keeps the resource that edit got":
		h.sp.rows[r.ID()] = r
	case "gives the resource as it was before":
		return before, nil
	}
	return h.show(h.sp.rows[r.ID()]), nil
}

func (h *small) Delete(ctx context.Context, id string, check func(*scim.Resource) error) error {
	h.db.mu.Lock()
	defer h.db.mu.Unlock()
	r, err := h.find(id)
	if err != nil {
		if h.db.is("deletes what is not there") {
			return nil
		}
		return err
	}
	switch h.db.fault {
	case "deletes without a check":
		check = agree
	case "deletes, then checks":
		h.remove(id)
	}
	if err := check(h.show(r)); err != nil {
		if h.db.is("hides the error of check") {
			return errors.New("check failed: " + err.Error())
		}
		return err
	}
	if err := h.done(ctx); err != nil {
		return err
	}
	h.remove(id)
	return nil
}

func (h *small) remove(id string) {
	if h.db.is("marks as deleted and goes on listing") {
		h.sp.order = append(h.sp.order, id) // which List shows
		return
	}
	delete(h.sp.rows, id)
	h.sp.order = slices.DeleteFunc(h.sp.order, func(x string) bool { return x == id })
	if h.db.is("leaves deleted members in their groups") {
		return
	}
	for gid, g := range h.sp.rows {
		if all := g.Values("members"); len(all) > 0 {
			l := newList(nil)
			for _, v := range all {
				l[v.String("value")] = true
			}
			if !l[id] {
				continue
			}
			delete(l, id)
			g = g.Clone()
			_ = g.Set("members", refs(l.ids()))
			h.sp.rows[gid] = g
		}
	}
}

// withList is small with the optional interface.
type withList struct{ *small }

func (h withList) UpdateList(ctx context.Context, id string, d scim.ListDelta, edit func(*scim.Resource, bool) error) (*scim.Resource, error) {
	h.db.mu.Lock()
	defer h.db.mu.Unlock()
	old, err := h.find(id)
	if err != nil {
		if h.db.is("changes the members of nothing") {
			return nil, nil
		}
		return nil, err
	}
	r := old.Clone()
	var before []string
	for _, v := range r.Values("members") {
		before = append(before, v.String("value"))
	}
	l := newList(before)
	changed := h.apply(l, d)
	switch h.db.fault {
	case "changes members of a copy":
		h.pause()
	case "writes the members before edit agrees":
		_ = r.Set("members", refs(l.ids()))
		h.put(r)
	}
	_ = r.Set("members", nil)
	if err := edit(r, changed); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil && !h.db.is("changes members whatever the context says") {
		return nil, err
	}
	if h.db.is("stores the members only") {
		text := r.String("externalId")
		r = old.Clone()
		_ = r.Set("externalId", "")
		defer func() { _ = r.Set("externalId", text) }()
	}
	_ = r.Set("members", refs(l.ids()))
	if h.db.is("looks for members, then adds") {
		err := h.unknown(r)
		h.pause()
		if err == nil {
			h.put(r)
		}
		return r, err
	}
	return h.save(old, r)
}

// apply is list.apply with the faults.
func (h withList) apply(l list, d scim.ListDelta) (changed bool) {
	switch h.db.fault {
	case "adds where it should replace":
		d.Replace = false
	case "replaces where it should add":
		d.Replace = true
	}
	before := len(l)
	changed = l.apply(d)
	switch h.db.fault {
	case "always says that members changed":
		return true
	case "counts members to see whether they changed":
		return len(l) != before
	case "takes a delta for a change":
		return len(d.Add)+len(d.Remove) > 0 || d.Replace
	}
	return changed
}

// declines is small with an optional interface that always declines, behind a
// decorator.
type declines struct{ *small }

func (declines) UpdateList(context.Context, string, scim.ListDelta, func(*scim.Resource, bool) error) (*scim.Resource, error) {
	return nil, errors.ErrUnsupported
}

type decorator struct{ scim.ResourceHandler }

func (d decorator) Unwrap() scim.ResourceHandler { return d.ResourceHandler }
