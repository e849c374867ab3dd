// Package storetest is the contract of [scim.ResourceHandler] as a test suite,
// for whoever implements it.
//
//	func TestHandlers(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) storetest.Host {
//			users, groups := schema.UserType(), schema.GroupType()
//			db := openEmptyDatabase(t)
//			return storetest.Host{Endpoints: []scim.Endpoint{
//				{Type: users, ForTenant: db.users},
//				{Type: groups, ForTenant: db.groups},
//			}}
//		})
//	}
//
// Each test states one sentence of the contract and prints it when it fails.
// What is tested follows from what there is: a list of members where the
// schema of a resource type has one, the wall between tenants where an
// endpoint has ForTenant, changes of members through [scim.ListUpdater] where
// a handler has it and through Update otherwise. Resources are made from the
// schema, so that a host that narrows its schema is tested with what it keeps.
// Two things every handler must keep, as every SCIM resource has them:
// externalId and meta.
package storetest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// A Host is what is tested: handlers without resources.
type Host struct {
	// Endpoints are the resource types and their handlers, as for
	// [scim.Config].
	Endpoints []scim.Endpoint

	// Tenants are the names of two tenants, "a" and "b" if empty.
	Tenants []string

	// Adjust changes the attributes of a generated resource, for hosts
	// with rules beyond the schema. Values of unique attributes should stay
	// as they are.
	Adjust func(t *schema.ResourceType, attributes map[string]any)

	// MayRefuse lets handlers refuse filters and orders with an
	// [*scim.Error] of status 400 or 501, except for the equality filters
	// by which identity providers find resources. They must still not
	// answer wrongly.
	MayRefuse bool
}

// Run tests the handlers that open gives. It calls open once to see what there
// is, and once for each test.
func Run(t *testing.T, open func(t *testing.T) Host) {
	t.Helper()
	first := open(t)
	for _, r := range rules {
		for i, ep := range first.Endpoints {
			if !r.applies(first, i) {
				continue
			}
			t.Run(r.name+"/"+ep.Type.Name, func(t *testing.T) {
				t.Helper()
				if err := r.run(open(t), i); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// Test is Run without package testing. It gives all that is wrong in one
// error.
func Test(open func() (Host, error)) error {
	first, err := open()
	if err != nil {
		return err
	}
	var errs []error
	for _, r := range rules {
		for i := range first.Endpoints {
			if !r.applies(first, i) {
				continue
			}
			h, err := open()
			if err == nil {
				err = r.run(h, i)
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("%s/%s: %w", r.name, first.Endpoints[i].Type.Name, err))
			}
		}
	}
	return errors.Join(errs...)
}
