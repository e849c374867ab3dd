//go:build !race

package concurrency

import (
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
	"github.com/scimkit/scimkit/store/storetest"
)

// TestSerializable: the contract holds where the server's default is an isolation
// in which transactions that meet fail, as in databases that know no other.
func TestSerializable(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Host {
		users, groups := schema.UserType(), schema.GroupType()
		d := serializable(t)
		s, err := sqlstore.Open(t.Context(), d.Pool(t), d.Dialect, sqlstore.Options{Types: []*schema.ResourceType{users, groups}})
		if err != nil {
			t.Fatal(err)
		}
		return storetest.Host{Endpoints: []scim.Endpoint{
			{Type: users, ForTenant: s.ForTenant(users)},
			{Type: groups, ForTenant: s.ForTenant(groups)},
		}}
	})
}
