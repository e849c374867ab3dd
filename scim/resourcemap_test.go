package scim_test

import (
	"context"

	"github.com/scimkit/scimkit/scim"
)

// resourceMap keeps resources whole, passwords too.
type resourceMap struct{ all map[string]*scim.Resource }

func newResourceMap() *resourceMap { return &resourceMap{map[string]*scim.Resource{}} }

func (h *resourceMap) Create(_ context.Context, r *scim.Resource) error { return h.save(r) }

func (h *resourceMap) save(r *scim.Resource) error {
	for id, other := range h.all {
		if name := r.String("userName"); name != "" && id != r.ID() && scim.IdentityKey(name) == scim.IdentityKey(other.String("userName")) {
			return scim.Conflict("userName")
		}
	}
	h.all[r.ID()] = r.Clone()
	return nil
}

func (h *resourceMap) Get(_ context.Context, id string, _ scim.GetOptions) (*scim.Resource, error) {
	if r := h.all[id]; r != nil {
		return r.Clone(), nil
	}
	return nil, scim.ErrNotFound
}

func (h *resourceMap) List(_ context.Context, q scim.Query) (scim.Page, error) {
	return q.Select(func(yield func(*scim.Resource) bool) {
		for _, r := range h.all {
			if !yield(r) {
				return
			}
		}
	}), nil
}

func (h *resourceMap) Update(ctx context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
	r, err := h.Get(ctx, id, scim.GetOptions{})
	if err == nil {
		err = edit(r)
	}
	if err == nil {
		err = h.save(r)
	}
	return r, err
}

func (h *resourceMap) Delete(ctx context.Context, id string, check func(*scim.Resource) error) error {
	r, err := h.Get(ctx, id, scim.GetOptions{})
	if err == nil {
		err = check(r)
	}
	if err == nil {
		delete(h.all, id)
	}
	return err
}
