package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// database is the simplest thing that keeps the contract: resources in a map,
// with their members in them. It has at most one fault, whose name is what it
// does wrong.
type database struct {
	fault   string
	mu      sync.Mutex
	tenants map[string]*space
}

// space is a tenant.
type space struct {
	rows  map[string]*scim.Resource
	order []string        // the ids as they were created
	taken map[string]bool // unique values that were ever in use
}

// small is a handler.
type small struct {
	db *database
	sp *space
	rt *schema.ResourceType
}

func (db *database) is(fault string) bool { return db.fault == fault }

// open gives a host with two resource types.
func open(fault string, wrap func(*small) scim.ResourceHandler) Host {
	db := &database{fault: fault, tenants: make(map[string]*space)}
	var h Host
	for _, rt := range []*schema.ResourceType{schema.UserType(), schema.GroupType()} {
		h.Endpoints = append(h.Endpoints, scim.Endpoint{Type: rt, ForTenant: func(_ context.Context, tenant string) (scim.ResourceHandler, error) {
			if db.is("has one map for all tenants") {
				tenant = ""
			}
			return wrap(&small{db, db.space(tenant), rt}), nil
		}})
	}
	return h
}

func (db *database) space(tenant string) *space {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.tenants[tenant] == nil {
		db.tenants[tenant] = &space{rows: make(map[string]*scim.Resource), taken: make(map[string]bool)}
	}
	return db.tenants[tenant]
}

// pause lets others run between a look and an act that belong together.
func (h *small) pause() {
	h.db.mu.Unlock()
	time.Sleep(100 * time.Microsecond)
	h.db.mu.Lock()
}

func (h *small) find(id string) (*scim.Resource, error) {
	r := h.sp.rows[id]
	if r == nil && h.db.is("finds ids in any letter case") {
		r = h.sp.rows[strings.ToLower(id)]
	}
	switch {
	case r != nil && (r.Type() == h.rt || h.db.is("finds resources of other types")):
		return r, nil
	case h.db.is("gives an error of its own for an unknown id"):
		return nil, errors.New("no rows")
	}
	return nil, scim.ErrNotFound
}

// key is what a unique value is compared by.
func (h *small) key(r *scim.Resource) string {
	name := "userName"
	if h.rt.Name == "Group" {
		name = "displayName"
	}
	switch v := r.String(name); h.db.fault {
	case "compares unique values as they are spelled":
		return v
	case "compares unique values by strings.ToLower":
		return strings.ToLower(v)
	case "compares unique values without marks":
		return strings.NewReplacer("i̇", "i", "ë", "e").Replace(scim.IdentityKey(v))
	default:
		return scim.IdentityKey(v)
	}
}

// conflict tells whether another resource has r's unique value.
func (h *small) conflict(r *scim.Resource) error {
	spaces := []*space{h.sp}
	if h.db.is("has unique values across tenants") {
		for _, sp := range h.db.tenants {
			spaces = append(spaces, sp)
		}
	}
	key := h.key(r)
	for _, sp := range spaces {
		for id, other := range sp.rows {
			if other.Type() == h.rt && id != r.ID() && h.key(other) == key {
				if h.db.is("says of conflicts that something went wrong") {
					return errors.New("duplicate key")
				}
				return fmt.Errorf("saving: %w", scim.ErrConflict)
			}
		}
	}
	if h.db.is("never frees unique values") && h.sp.taken[h.rt.Name+h.key(r)] {
		return scim.ErrConflict
	}
	return nil
}

// unknown tells whether r has members that do not exist.
func (h *small) unknown(r *scim.Resource) error {
	var e scim.UnknownMembersError
	for _, v := range r.Values("members") {
		if !h.exists(v.String("value")) {
			e.IDs = append(e.IDs, v.String("value"))
		}
	}
	switch {
	case len(e.IDs) == 0 || h.db.is("stores unknown members"):
		return nil
	case h.db.is("leaves unknown members out"):
		l := newList(nil)
		for _, v := range r.Values("members") {
			l[v.String("value")] = h.exists(v.String("value"))
		}
		return r.Set("members", refs(slices.DeleteFunc(l.ids(), func(id string) bool { return !l[id] })))
	}
	e.Attribute = "members"
	return &e
}

func (h *small) exists(id string) bool {
	if h.db.is("takes members from any tenant") {
		for _, sp := range h.db.tenants {
			if sp.rows[id] != nil {
				return true
			}
		}
	}
	return h.sp.rows[id] != nil
}

// put stores r.
func (h *small) put(r *scim.Resource) {
	kept := r.Clone()
	switch h.db.fault {
	case "stores no externalId":
		_ = kept.Set("externalId", nil)
	case "stores no extension":
		_ = kept.Set("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", nil)
	case "stamps a version of its own and does not say so":
		m := kept.Meta()
		m.Version += "x"
		kept.SetMeta(m)
	case "stores one member only":
		if all := kept.Values("members"); len(all) > 1 {
			_ = kept.Set("members", refs([]string{all[0].String("value")}))
		}
	case "has room for 1000 members":
		if all := kept.Values("members"); len(all) > 1000 {
			l := newList(nil)
			for _, v := range all[:1000] {
				l[v.String("value")] = true
			}
			_ = kept.Set("members", refs(l.ids()))
		}
	}
	if h.sp.rows[kept.ID()] == nil {
		h.sp.order = append(h.sp.order, kept.ID())
	}
	h.sp.rows[kept.ID()] = kept
	h.sp.taken[h.rt.Name+h.key(kept)] = true
}

func (h *small) done(ctx context.Context) error {
	switch {
	case h.db.is("ignores the context"):
		return nil
	case h.db.is("hides the context's error") && ctx.Err() != nil:
		return errors.New("cannot now")
	}
	return ctx.Err()
}

func (h *small) Create(ctx context.Context, r *scim.Resource) error {
	h.db.mu.Lock()
	defer h.db.mu.Unlock()
	if err := h.done(ctx); err != nil {
		return err
	}
	switch h.db.fault {
	case "counts ids in each table":
		r.SetID(strconv.Itoa(len(h.all()) + 1))
		h.put(r)
		return nil
	case "counts ids from the highest that is left":
		r.SetID(fmt.Sprintf("id%06d", len(h.sp.rows)+1))
	case "stores what it refuses":
		defer h.put(r)
	}
	if err := errors.Join(h.conflict(r), h.unknown(r)); err != nil {
		return err
	}
	if h.db.is("looks for conflicts, then creates") {
		h.pause()
	}
	h.put(r)
	if h.db.is("keeps the resource that Create got") {
		h.sp.rows[r.ID()] = r
	}
	return nil
}

func (h *small) Get(_ context.Context, id string, opt scim.GetOptions) (*scim.Resource, error) {
	h.db.mu.Lock()
	defer h.db.mu.Unlock()
	r, err := h.find(id)
	if err != nil {
		if h.db.is("gives nothing for an unknown id") {
			return nil, nil
		}
		return nil, err
	}
	if h.db.is("forgets the members that Get omits") && slices.Contains(opt.Omit, "members") {
		_ = r.Set("members", nil)
	}
	return h.show(r), nil
}

// show is r as it is given out.
func (h *small) show(r *scim.Resource) *scim.Resource {
	if h.db.is("gives out the stored resource") {
		return r
	}
	r = r.Clone()
	if h.rt.Name != "User" || h.db.is("computes no groups") {
		return r
	}
	var groups []scim.Member
	for _, id := range h.sp.order {
		for _, v := range h.sp.rows[id].Values("members") {
			if v.String("value") == r.ID() {
				groups = append(groups, scim.Member{Value: id})
			}
		}
	}
	_ = r.Set("groups", groups)
	return r
}

// all are the resources of the type.
func (h *small) all() []*scim.Resource {
	var all []*scim.Resource
	for _, id := range h.sp.order {
		if r := h.sp.rows[id]; r != nil && r.Type() == h.rt {
			all = append(all, h.show(r))
		}
	}
	return all
}
