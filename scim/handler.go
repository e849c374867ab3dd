package scim

import (
	"context"
)

// A ResourceHandler keeps the resources of one resource type for one tenant.
// It is all that a host has to implement; the engine does the rest: parsing,
// schemas, filters, PATCH, PUT, ETags, projection, errors.
//
// Which error causes which status: an *[Error] reaches the client as it is;
// [ErrNotFound] is 404, [ErrConflict] is 409 with scimType uniqueness,
// [*UnknownMembersError] is 400 with scimType invalidValue, the context's
// errors and [ErrUnavailable] are 503 with Retry-After. Any other error is
// logged and answered by a bare 500. Errors may be wrapped.
//
// The context carries the [Principal] of the request ([PrincipalFrom]) and is
// cancelled when the client goes away or the deadline of [Limits] passes.
//
// A handler must be safe for concurrent use. Package storetest is its contract
// as a test suite.
type ResourceHandler interface {
	// Create stores r. The engine has already given r an id, the times and
	// a version; a handler that assigns its own sets them on r before it
	// returns, and one that keeps no version takes it out of r (see
	// [Meta]): what Create and Update return is what Get returns next,
	// and what the client sees. A value that the schema declares unique and
	// that another resource has is ErrConflict, compared by [IdentityKey]
	// where the attribute is not caseExact.
	Create(ctx context.Context, r *Resource) error

	// Get loads the resource called id, or ErrNotFound. Attributes named
	// in opt.Omit may be left out.
	Get(ctx context.Context, id string, opt GetOptions) (*Resource, error)

	// List finds the resources that q.Filter matches and gives the part of
	// them that q asks for, in a stable order, with the number of all.
	// Resources that q.Order takes for equal are in the order of their ids.
	List(ctx context.Context, q Query) (Page, error)

	// Update loads the resource called id, calls edit with it, stores what
	// edit made of it and returns that: all in one transaction, or in a
	// loop that compares and swaps. edit may be called again after a lost
	// race; it changes nothing but its argument. If edit fails, nothing is
	// stored and its error is returned, wrapped or as it is: PUT, PATCH,
	// If-Match and the detection of changes that change nothing all run
	// inside edit. ErrNotFound and ErrConflict are as for Get and Create.
	Update(ctx context.Context, id string, edit func(*Resource) error) (*Resource, error)

	// Delete removes the resource called id, or ErrNotFound, after check,
	// called with the resource in the same transaction, has agreed. What
	// check gets may leave a long list out; who leaves it out keeps
	// meta.version (see [GetOptions]). If check fails, nothing is removed
	// and its error is returned. Unique values become free at once, the id
	// never is used again, and no list of members goes on naming it.
	Delete(ctx context.Context, id string, check func(*Resource) error) error
}

// A ListUpdater is a ResourceHandler that can change a long list, such as the
// members of a group, without loading it. The cost of such a change then
// depends on the change and not on the list.
//
// It is found through decorators that have a method Unwrap() ResourceHandler.
type ListUpdater interface {
	// UpdateList is Update for a PATCH that changes the list d.Attribute.
	// In one transaction it locks the resource, applies d, finds whether
	// the list now is another, and calls edit with that answer and with
	// the resource as Update would, except that the list may be left out;
	// who leaves it out keeps meta.version (see [GetOptions]). Then it
	// stores what edit made of the rest. If edit fails, nothing is stored,
	// the list included, and its error is returned. A value that names no
	// resource is an [*UnknownMembersError], once edit has agreed. The
	// resource that it returns may leave the list out.
	//
	// errors.ErrUnsupported declines: the engine uses Update.
	UpdateList(ctx context.Context, id string, d ListDelta, edit func(r *Resource, changed bool) error) (*Resource, error)
}

// A ListDelta is a change of a multi-valued attribute whose elements refer to
// resources. Add and Remove have no value in common.
type ListDelta struct {
	Attribute string   // "members"
	Replace   bool     // the list becomes Add, whatever it was; Remove is empty
	Add       []Member // these are in the list afterwards; one that is there stays as it is
	Remove    []string // values that are not in the list afterwards, there before or not
}

// A Member is an element of a list that refers to resources (RFC 7643 section
// 4.2). Type and Display are what the client sent, Type perhaps by a $ref, "" if
// nothing; a handler that knows better uses what it knows.
type Member struct {
	Value   string `scim:"value"`
	Type    string `scim:"type"`
	Display string `scim:"display"`
}

// GetOptions say what Get may save.
type GetOptions struct {
	// Omit names attributes that are not needed: long lists that the
	// client did not ask for. Who leaves them out keeps meta.version: the
	// version that the engine makes of the content would be another.
	Omit []string
}

// An Endpoint serves one resource type: for one tenant with Handler, for many
// with ForTenant.
type Endpoint struct {
	Type *ResourceType

	// Handler keeps the resources of the only tenant.
	Handler ResourceHandler

	// ForTenant gives the handler of a tenant, the one of the
	// authenticated [Principal], which must have one. ErrNotFound says that
	// there is no such tenant.
	ForTenant func(ctx context.Context, tenant string) (ResourceHandler, error)

	// PatchResponse says what a successful PATCH answers; RFC 7644 section
	// 3.5.2 leaves it open. A client that asks for attributes gets them in
	// any case.
	PatchResponse PatchResponse
}

// PatchResponse is the answer to a successful PATCH.
type PatchResponse uint8

// The answers to PATCH.
const (
	PatchAuto      PatchResponse = iota // 204 for types with a list of members, 200 for others
	PatchResource                       // 200 with the resource
	PatchNoContent                      // 204
)
