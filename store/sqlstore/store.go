package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/token"
)

// Options are the options of a Store.
type Options struct {
	// Types are the resource types that lie in the library's tables. Members of
	// groups are resources of these types and of those of Tables.
	Types []*schema.ResourceType

	// Relaxed accepts an SQLite database with PRAGMA synchronous below FULL,
	// which may lose what it has acknowledged when the power fails.
	Relaxed bool

	// Tables are the resource types that lie in tables of the host.
	Tables []Table

	// Scan is how many resources may be read to answer a filter or an order that
	// the tables cannot, in memory; more are 400 tooMany. At 0, such a filter
	// is 400 invalidFilter.
	Scan int

	// Prefix begins the names of the library's tables; "scim_" if empty. In
	// PostgreSQL, a schema that is there may stand before it: "acme.scim_".
	// Without one, they are in the schema that search_path of the connections
	// names first.
	Prefix string

	// CheckOnly has Open refuse a database whose tables are of another
	// version, rather than migrate them: for hosts that run what [Schema]
	// prints themselves. Rows are still written where types have changed, and
	// where keys are not those of their columns, see [Column].
	CheckOnly bool
}

// A Store keeps resources in a SQL database. It is safe for concurrent use, and
// any number of stores in any number of processes may share a database.
type Store struct {
	db     *database
	prefix string
	scan   int
	kinds  []*kind
	walks  walks

	creations combiner[*scim.Resource]
	changes   combiner[*listChange]
}

// kind is what the store needs for the resources of one type.
type kind struct {
	*layout
	place   place
	filters *sqlfilter.Compiler
	lookups []lookup
	store   *Store
}

// Open prepares db, whose SQL is that of d, and gives the store, which never closes
// db. It migrates the library's tables: nodes that start at once wait for each other,
// and a database of a newer version is refused and left as it is. It is an error, too,
// if a resource type or its mapping is not one that the store can keep, see [Table],
// or if resources do not fit what has changed of their type.
func Open(ctx context.Context, db *sql.DB, d Dialect, o Options) (*Store, error) {
	s := &Store{db: newDatabase(db, d), prefix: o.Prefix, scan: o.Scan}
	if s.prefix == "" {
		s.prefix = "scim_"
	}
	if err := s.db.checkSQLite(ctx, o.Relaxed); err != nil {
		return nil, startError{err}
	}
	if err := s.prepare(ctx, o.CheckOnly); err != nil {
		return nil, startError{err}
	}
	tables := slices.Clone(o.Tables)
	for _, t := range o.Types {
		tables = append(tables, Table{Type: t})
	}
	return s, s.open(ctx, tables)
}

// open makes the kinds of resources.
func (s *Store) open(ctx context.Context, tables []Table) error {
	var all []*layout
	var hosts []*host
	for _, t := range tables {
		if t.Type == nil {
			return fmt.Errorf("sqlstore: the table %q has no Type; if it has no name, that is one of Options.Types", t.Name)
		}
		l, err := newLayout(t.Type)
		if err != nil {
			return err
		}
		for _, other := range all {
			if other.model.Name == l.model.Name {
				return fmt.Errorf("sqlstore: two resource types are called %q", l.model.Name)
			}
		}
		all = append(all, l)
		if l.mapped = t.Name != ""; l.mapped {
			h, err := s.newHost(ctx, l, t)
			if err != nil {
				return err
			}
			hosts = append(hosts, h)
		}
	}
	if err := separate(hosts); err != nil {
		return err
	}
	for _, l := range all {
		p, err := s.place(ctx, l, all, hosts)
		if err != nil {
			return err
		}
		k, err := s.newKind(l, p)
		if err != nil {
			return err
		}
		s.kinds = append(s.kinds, k)
	}
	if err := s.tryMappings(ctx); err != nil {
		return err
	}
	return s.settle(ctx)
}

// place finds or makes the place of the resources of one type.
func (s *Store) place(ctx context.Context, l *layout, all []*layout, hosts []*host) (place, error) {
	for _, h := range hosts {
		if h.layout == l {
			if err := h.link(ctx, s.db, hosts, all); err != nil {
				return nil, err
			}
			h.statements()
			return h, nil
		}
	}
	o := newOwn(s.db.dialect, s.prefix, l, all, hosts...)
	for _, h := range hosts {
		if l.members != nil && l.allows(l.members, h.layout.model.Name) && h.Existing == Adopt {
			o.refs.adopt = append(o.refs.adopt, h)
		}
	}
	return o, nil
}

func (s *Store) newKind(l *layout, place place) (*kind, error) {
	k := &kind{layout: l, place: place, store: s}
	k.lookups = append(place.lookups(l), place.references().lookups...)
	for i, x := range k.lookups {
		k.lookups[i].condition = k.base(x.condition)
	}
	c := place.columns(l)
	c.Dialect, c.Lists = s.db.dialect.Dialect, place.references().lists
	c.KeysOmit = slices.AppendSeq(c.KeysOmit, maps.Keys(c.Lists))
	c.Scan = s.scan > 0
	var err error
	k.filters, err = sqlfilter.New(l.rt, c)
	return k, err
}

// Tokens gives the store of the tokens of the tenants, their settings and events.
func (s *Store) Tokens() token.Store { return newTokens(s.db, s.db.dialect.Dialect, s.prefix) }

// Handler gives the handler of the resource type t for a service with one
// tenant, whose name is "". It panics if t is not among Options.Types and Tables.
func (s *Store) Handler(t *schema.ResourceType) scim.ResourceHandler {
	return s.kind(t).handler("")
}

// ForTenant gives the handlers of the resource type t, one for each tenant, as
// [scim.Endpoint] wants it. A tenant that the host's column cannot have is
// [scim.ErrNotFound]. It panics if t is not among Options.Types and Tables, or in
// a table of the host's without Table.Tenant: all tenants would share its rows.
func (s *Store) ForTenant(t *schema.ResourceType) func(ctx context.Context, tenant string) (scim.ResourceHandler, error) {
	k := s.kind(t)
	if o, ok := k.place.(*host); ok && o.Tenant == "" {
		panic(fmt.Sprintf("sqlstore: the table %s of %s has no Tenant, and all tenants would share its rows: name the column, or use Handler, of a Store for each tenant", o.Name, t.Name))
	}
	return func(_ context.Context, tenant string) (scim.ResourceHandler, error) {
		if !k.place.has(tenant) {
			return nil, scim.ErrNotFound
		}
		return k.handler(tenant), nil
	}
}

func (s *Store) kind(t *schema.ResourceType) *kind {
	for _, k := range s.kinds {
		if k.rt == t {
			return k
		}
	}
	panic(fmt.Sprintf("sqlstore: the resource type %q is not among Options.Types; use one *schema.ResourceType for the endpoint and the store", t.Name))
}

// handler keeps the resources of one type of one tenant. It is the
// scim.ResourceHandler.
type handler struct {
	*kind
	tenant string
}

func (k *kind) handler(tenant string) *handler { return &handler{k, tenant} }
