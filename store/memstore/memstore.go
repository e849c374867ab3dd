// Package memstore keeps resources in memory. It is the reference
// implementation of [scim.ResourceHandler] and [scim.ListUpdater], for tests,
// demonstrations and services whose data may go with the process.
//
//	users, groups := schema.UserType(), schema.GroupType()
//	store := memstore.New(memstore.Options{})
//	server, err := scim.NewServer(scim.Config{
//		Endpoints: []scim.Endpoint{
//			{Type: users, Handler: store.Handler(users)},
//			{Type: groups, Handler: store.Handler(groups)},
//		},
//		Authenticator: scim.StaticToken(token),
//	})
//
// For many tenants, an endpoint has ForTenant: store.ForTenant(users) instead.
//
// # What it does beyond keeping
//
// The resource types of a tenant share its ids and its references. The list of
// references that clients write, Group.members, is kept as a set beside the
// resource: adding and removing a member costs the same in a group of ten and
// of a hundred thousand. What a client says of a member beyond its value is
// not kept; type and display are those of the member. From the same sets comes
// the list that clients only read, User.groups, with the groups of groups as
// "indirect". Deleting a resource takes it out of all groups, and these get a
// new version.
//
// A list is such a set if it is a readWrite multi-valued attribute of the
// resource type's own schema whose elements have a value and a $ref to
// resources; the first one counts. A member must be a resource of the tenant
// of a type that the $ref allows. A group cannot be a member of itself; cycles
// over several groups are possible and do no harm.
//
// Equality filters are answered from indexes on id, on every attribute that
// the schema declares unique, on userName, externalId, displayName,
// emails.value and the values of both lists. Other filters look at every
// resource of the type.
//
// Lists are in the order of creation. Values that are writeOnly, such as
// passwords, are not kept at all: a service that takes passwords hashes them
// in a handler of its own.
//
// # Locking
//
// Each tenant has one lock. It is held for writing while the callbacks of
// Update, UpdateList and Delete run; they must not call the store.
package memstore

import (
	"context"
	"fmt"
	"hash/maphash"
	"sync"
	"sync/atomic"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// Options are the options of a Store.
type Options struct {
	// Tenants are the tenants that there are; others are
	// [scim.ErrNotFound]. If it is nil, a tenant comes into being when it
	// is first asked for, which is right where tenants come from an
	// [scim.Authenticator] that knows them.
	Tenants []string
}

// A Store keeps the resources of any number of tenants, each apart from the
// others. It is safe for concurrent use.
type Store struct {
	known  map[string]bool // Options.Tenants, nil for any
	seed   maphash.Seed
	visits atomic.Int64 // resources that List looked at, for tests

	mu      sync.RWMutex
	layouts map[string]*layout // by the name of the resource type
	tenants map[string]*tenant
}

// New gives an empty store.
func New(o Options) *Store {
	s := &Store{seed: maphash.MakeSeed(), layouts: make(map[string]*layout), tenants: make(map[string]*tenant)}
	if o.Tenants != nil {
		s.known = make(map[string]bool, len(o.Tenants))
	}
	for _, name := range o.Tenants {
		s.known[name] = true
	}
	return s
}

// Handler gives the handler of the resource type t for a service with one
// tenant, whose name is "". It panics if t is invalid or another resource type
// has its name.
func (s *Store) Handler(t *schema.ResourceType) scim.ResourceHandler {
	return s.tenant("").table(s.layout(t))
}

// ForTenant gives the handlers of the resource type t, one for each tenant, as
// [scim.Endpoint] wants it. It panics if t is invalid or another resource type
// has its name.
func (s *Store) ForTenant(t *schema.ResourceType) func(ctx context.Context, tenant string) (scim.ResourceHandler, error) {
	l := s.layout(t)
	return func(_ context.Context, name string) (scim.ResourceHandler, error) {
		if s.known != nil && !s.known[name] {
			return nil, scim.ErrNotFound
		}
		return s.tenant(name).table(l), nil
	}
}

// layout finds what the store needs to know of t.
func (s *Store) layout(t *schema.ResourceType) *layout {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.layouts[t.Name]
	switch {
	case !ok:
		l = newLayout(t)
		s.layouts[t.Name] = l
	case l.rt != t:
		panic(fmt.Sprintf("memstore: two resource types are called %q; use one *schema.ResourceType for the endpoint and the store", t.Name))
	}
	return l
}

// tenant finds or makes a tenant.
func (s *Store) tenant(name string) *tenant {
	s.mu.RLock()
	t, ok := s.tenants[name]
	s.mu.RUnlock()
	if ok {
		return t
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ok = s.tenants[name]; !ok {
		t = &tenant{store: s}
		s.tenants[name] = t
	}
	return t
}

// A tenant is the space in which ids, references and unique values are.
type tenant struct {
	store *Store

	mu     sync.RWMutex
	tables []*table
	ids    index // the records of all tables by id
	last   uint64
}

// table finds or makes the table of a resource type.
func (t *tenant) table(l *layout) *table {
	find := func() *table {
		for _, h := range t.tables {
			if h.layout == l {
				return h
			}
		}
		return nil
	}
	t.mu.RLock()
	h := find()
	t.mu.RUnlock()
	if h != nil {
		return h
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if h = find(); h == nil {
		h = &table{layout: l, tenant: t, indexes: make([]index, len(l.indexed))}
		t.tables = append(t.tables, h)
	}
	return h
}

// A table keeps the resources of one type of one tenant. It is the
// scim.ResourceHandler.
type table struct {
	*layout
	tenant  *tenant
	rows    list    // in the order of creation
	indexes []index // of layout.indexed
}

// A record is one resource. Its document is replaced, never changed.
type record struct {
	table   *table
	doc     *document.Doc // without the lists of references
	seq     uint64        // its place in the order of creation
	members *set          // the records that its list names, nil if none
	groups  *set          // the records whose lists name it, nil if none
}
