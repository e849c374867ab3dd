package memstore_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
	"github.com/scimkit/scimkit/store/storetest"
)

// car has attributes of all kinds, several of them unique.
func carType() *schema.ResourceType {
	return &schema.ResourceType{Name: "Car", Endpoint: "/Cars", Schema: &schema.Schema{ID: "urn:example:Car", Attributes: []schema.Attribute{
		{Name: "plate", Required: true, CaseExact: true, Uniqueness: schema.UniqueServer},
		{Name: "seats", Type: schema.Integer},
		{Name: "weight", Type: schema.Decimal},
		{Name: "built", Type: schema.DateTime},
		{Name: "key", Type: schema.Binary},
		{Name: "page", Type: schema.Reference, ReferenceTypes: []string{"external"}},
		{Name: "tags", MultiValued: true},
		{Name: "pin", Mutability: schema.WriteOnly, Returned: schema.ReturnedNever},
		{Name: "radio", Type: schema.Complex, SubAttributes: []schema.Attribute{
			{Name: "model"}, {Name: "code", Mutability: schema.WriteOnly, Returned: schema.ReturnedNever}}},
		{Name: "wheels", Type: schema.Complex, MultiValued: true, SubAttributes: []schema.Attribute{
			{Name: "value", Uniqueness: schema.UniqueServer}, {Name: "size", Type: schema.Integer},
			{Name: "lock", Mutability: schema.WriteOnly, Returned: schema.ReturnedNever}}},
	}}}
}

// fleetType has a list of members of another name, in an order of its own.
func fleetType() *schema.ResourceType {
	return &schema.ResourceType{Name: "Fleet", Endpoint: "/Fleets", Schema: &schema.Schema{ID: "urn:example:Fleet", Attributes: []schema.Attribute{
		{Name: "number", Type: schema.Integer, Uniqueness: schema.UniqueServer},
		{Name: "cars", Type: schema.Complex, MultiValued: true, SubAttributes: []schema.Attribute{
			{Name: "display"}, {Name: "$ref", Type: schema.Reference, ReferenceTypes: []string{"Car"}}, {Name: "value", CaseExact: true}}},
	}}}
}

// TestContract runs the contract with the resource types that hosts have.
func TestContract(t *testing.T) {
	narrow := func() *schema.ResourceType {
		return &schema.ResourceType{Name: "User", Endpoint: "/Users", Schema: schema.User().Only("userName", "active")}
	}
	plain := func() *schema.ResourceType {
		return &schema.ResourceType{Name: "Group", Endpoint: "/Groups", Schema: schema.Group()}
	}
	bare := func() *schema.ResourceType {
		return &schema.ResourceType{Name: "Group", Endpoint: "/Groups", Schema: schema.Group().Only("displayName", "members.value", "members.$ref")}
	}
	for name, types := range map[string][]func() *schema.ResourceType{
		"users and groups": {schema.UserType, schema.GroupType},
		"users only":       {schema.UserType},
		"narrow":           {narrow, bare},
		"groups of groups": {plain},
		"other types":      {carType, fleetType},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(*testing.T) storetest.Host {
				var h storetest.Host
				store := memstore.New(memstore.Options{})
				for _, rt := range types {
					rt := rt()
					h.Endpoints = append(h.Endpoints, scim.Endpoint{Type: rt, ForTenant: store.ForTenant(rt)})
				}
				return h
			})
		})
	}
	t.Run("one tenant", func(t *testing.T) {
		storetest.Run(t, func(*testing.T) storetest.Host {
			users, groups := schema.UserType(), schema.GroupType()
			store := memstore.New(memstore.Options{})
			return storetest.Host{Endpoints: []scim.Endpoint{{Type: users, Handler: store.Handler(users)}, {Type: groups, Handler: store.Handler(groups)}}}
		})
	})
}

// fixture is a store with users and groups of one tenant.
type fixture struct {
	*testing.T
	store         *memstore.Store
	users, groups *schema.ResourceType
	user, group   scim.ResourceHandler
}

func newFixture(t *testing.T) *fixture {
	f := &fixture{T: t, store: memstore.New(memstore.Options{}), users: schema.UserType(), groups: schema.GroupType()}
	f.user, f.group = f.store.Handler(f.users), f.store.Handler(f.groups)
	return f
}

// create stores JSON under an id.
func (f *fixture) create(h scim.ResourceHandler, rt *schema.ResourceType, id, data string) *scim.Resource {
	f.Helper()
	r, err := scim.ParseResource(rt, []byte(data))
	if err != nil {
		f.Fatal(err)
	}
	r.SetID(id)
	if err := h.Create(f.Context(), r); err != nil {
		f.Fatalf("Create(%s) = %v", data, err)
	}
	return r
}

func (f *fixture) newUser(name string) string {
	f.Helper()
	return f.create(f.user, f.users, name, fmt.Sprintf(`{"userName":%q}`, name)).ID()
}

func (f *fixture) newGroup(name string, members ...string) string {
	f.Helper()
	list := make([]string, len(members))
	for i, m := range members {
		list[i] = fmt.Sprintf(`{"value":%q}`, m)
	}
	return f.create(f.group, f.groups, name, fmt.Sprintf(`{"displayName":%q,"members":[%s]}`, "The "+name, strings.Join(list, ","))).ID()
}

func (f *fixture) get(h scim.ResourceHandler, id string) *scim.Resource {
	f.Helper()
	r, err := h.Get(f.Context(), id, scim.GetOptions{})
	if err != nil {
		f.Fatalf("Get(%q) = %v", id, err)
	}
	return r
}

// list gives the ids that a filter finds, and how many resources it looked at.
func (f *fixture) list(h scim.ResourceHandler, rt *schema.ResourceType, text string) (found string, visits int64) {
	f.Helper()
	e, err := filter.Parse(text)
	if err != nil {
		f.Fatal(err)
	}
	bound, err := filter.Bind(e, rt)
	if err != nil {
		f.Fatal(err)
	}
	before := f.store.Visits()
	p, err := h.List(f.Context(), scim.Query{Filter: bound, StartIndex: 1, Count: 10})
	if err != nil {
		f.Fatal(err)
	}
	var all []string
	for _, r := range p.Resources {
		all = append(all, r.ID())
	}
	return strings.Join(all, " "), f.store.Visits() - before
}
