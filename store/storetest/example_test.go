package storetest_test

import (
	"fmt"
	"strings"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
	"github.com/scimkit/scimkit/store/storetest"
)

// Run is for tests; Test says the same in an error.
func ExampleTest() {
	open := func() (storetest.Host, error) {
		users, groups := schema.UserType(), schema.GroupType()
		store := memstore.New(memstore.Options{})
		return storetest.Host{Endpoints: []scim.Endpoint{
			{Type: users, ForTenant: store.ForTenant(users)},
			{Type: groups, ForTenant: store.ForTenant(groups)},
		}}, nil
	}
	fmt.Println(storetest.Test(open))

	// The same without a wall between the tenants.
	faulty := func() (storetest.Host, error) {
		users := schema.UserType()
		h := memstore.New(memstore.Options{}).Handler(users)
		return storetest.Host{Endpoints: []scim.Endpoint{{Type: users, ForTenant: always(h)}}}, nil
	}
	fmt.Println(strings.Split(storetest.Test(faulty).Error(), "\n")[0])
	// Output:
	// <nil>
	// tenants/resources/User: A tenant does not see, find, change or delete the resources of another.
}
