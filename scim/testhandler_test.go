package scim_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// mapHandler is the simplest handler that keeps the contract: a map of stored
// JSON. It has no optional interface.
type mapHandler struct {
	typ *schema.ResourceType
	mu  sync.Mutex
	all map[string][]byte

	fail error // every call fails with it
}

func newMapHandler(t *schema.ResourceType) *mapHandler {
	return &mapHandler{typ: t, all: make(map[string][]byte)}
}

func (h *mapHandler) load(id string) (*scim.Resource, error) {
	data, ok := h.all[id]
	if !ok {
		return nil, scim.ErrNotFound
	}
	return scim.ParseResource(h.typ, data)
}

// save stores r unless another resource has its userName.
func (h *mapHandler) save(r *scim.Resource) error {
	for id := range h.all {
		other, err := h.load(id)
		if err != nil {
			return err
		}
		if name := r.String("userName"); name != "" && id != r.ID() && scim.IdentityKey(other.String("userName")) == scim.IdentityKey(name) {
			return scim.Conflict("userName")
		}
	}
	h.all[r.ID()] = r.JSON()
	return nil
}

func (h *mapHandler) Create(_ context.Context, r *scim.Resource) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fail != nil {
		return h.fail
	}
	return h.save(r)
}

func (h *mapHandler) Get(_ context.Context, id string, _ scim.GetOptions) (*scim.Resource, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fail != nil {
		return nil, h.fail
	}
	return h.load(id)
}

func (h *mapHandler) List(_ context.Context, q scim.Query) (scim.Page, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fail != nil {
		return scim.Page{}, h.fail
	}
	var all []*scim.Resource
	for _, id := range slices.SortedFunc(maps.Keys(h.all), strings.Compare) {
		r, err := h.load(id)
		if err != nil {
			return scim.Page{}, err
		}
		all = append(all, r)
	}
	return q.Select(slices.Values(all)), nil
}

func (h *mapHandler) Update(_ context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fail != nil {
		return nil, h.fail
	}
	r, err := h.load(id)
	if err != nil {
		return nil, err
	}
	if err := edit(r); err != nil {
		return nil, err
	}
	return r, h.save(r)
}

func (h *mapHandler) Delete(_ context.Context, id string, check func(*scim.Resource) error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fail != nil {
		return h.fail
	}
	r, err := h.load(id)
	if err != nil {
		return err
	}
	if err := check(r); err != nil {
		return err
	}
	delete(h.all, id)
	return nil
}
