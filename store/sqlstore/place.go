package sqlstore

import (
	"context"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/scim"
)

// A place is where the resources of one type lie: in tables of the library, own,
// or of the host. Its statements have the parameters {tenant}, and {id} where
// they are about one resource.
type place interface {
	// read gives the statement for one resource, with lock for one that is to be
	// changed; list is about all, and count about how many they are.
	read(show lists, lock bool) statement
	// hold locks one resource before it is read, where a statement that waits
	// for a lock would go on to read what was there before it waited.
	hold(show lists) (s statement, needed bool)
	list(show lists) statement
	count() statement
	// scan makes a record of a row of read or list.
	scan(h *handler, row interface{ Scan(...any) error }) (*record, error)

	// id gives the parameters for the resource called id; ok is false if there
	// can be no such resource.
	id(h *handler, id string) (p params, ok bool)
	// by is the column with the key that {key} is.
	by() string
	// has tells whether there can be such a tenant.
	has(tenant string) bool
	// everything gives the parameters for all resources, base their names, which
	// come first in the statements list and count.
	everything(h *handler) params
	base() []string

	// ignores tells whether is differs from was in nothing that save would write.
	ignores(h *handler, was, is *record) bool

	// create stores a resource, but not its list of references, and gives its
	// id; save stores what became of it; remove removes it.
	create(ctx context.Context, tx session, h *handler, r *scim.Resource) (id string, err error)
	save(ctx context.Context, tx session, h *handler, was, is *record) error
	remove(ctx context.Context, tx session, h *handler, p params) error

	// after gives the record to answer with, when all is stored.
	after(ctx context.Context, tx session, h *handler, is *record, p params) (*record, error)

	// total asks how many resources there are without counting them, if that
	// can be. Its parameters are those of base.
	total() (s statement, ok bool)

	// ready brings up to date what lists with such conditions read.
	ready(ctx context.Context, h *handler, conditions string) error

	// columns and lookups are for filters; beyond tells of one that these cannot
	// answer, unsorted of such an order.
	beyond(f filter.Expr) error
	unsorted(by *filter.Order) error
	columns(l *layout) sqlfilter.Columns
	lookups(l *layout) []lookup
	references() *references
}
