package memstore_test

import (
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
	"github.com/scimkit/scimkit/store/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Host {
		users, groups := schema.UserType(), schema.GroupType()
		store := memstore.New(memstore.Options{})
		return storetest.Host{Endpoints: []scim.Endpoint{
			{Type: users, ForTenant: store.ForTenant(users)},
			{Type: groups, ForTenant: store.ForTenant(groups)},
		}}
	})
}
