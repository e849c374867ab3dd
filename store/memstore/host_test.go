package memstore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
)

func TestTenants(t *testing.T) {
	users := schema.UserType()
	for _, tt := range []struct {
		options memstore.Options
		tenant  string
		want    error
	}{
		{memstore.Options{}, "any", nil},
		{memstore.Options{}, "", nil},
		{memstore.Options{Tenants: []string{"a", "b"}}, "b", nil},
		{memstore.Options{Tenants: []string{"a", "b"}}, "c", scim.ErrNotFound},
		{memstore.Options{Tenants: []string{}}, "a", scim.ErrNotFound},
	} {
		forTenant := memstore.New(tt.options).ForTenant(users)
		h, err := forTenant(t.Context(), tt.tenant)
		if !errors.Is(err, tt.want) || (h == nil) != (tt.want != nil) {
			t.Errorf("%q: ForTenant(%q) = %v, %v, want error %v", tt.options.Tenants, tt.tenant, h, err, tt.want)
		}
		if again, _ := forTenant(t.Context(), tt.tenant); again != h {
			t.Errorf("%q: ForTenant(%q) gives another handler the second time", tt.options.Tenants, tt.tenant)
		}
	}
}

// TestTwoTypesOfOneName keeps a mistake from going unnoticed that would
// otherwise show at the first request.
func TestTwoTypesOfOneName(t *testing.T) {
	store := memstore.New(memstore.Options{})
	store.Handler(schema.UserType())
	defer func() {
		if s := fmt.Sprint(recover()); !strings.Contains(s, `two resource types are called "User"`) {
			t.Errorf("panic %s", s)
		}
	}()
	store.ForTenant(schema.UserType())
}

func TestRefusesAnotherType(t *testing.T) {
	f := newFixture(t)
	r, err := scim.ParseResource(f.groups, []byte(`{"displayName":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.user.Create(t.Context(), r); err == nil {
		t.Error("the handler of users stores a group")
	}
	id := f.newUser("anna")
	if _, err := f.user.Update(t.Context(), id, func(u *scim.Resource) error { *u = *r; return nil }); err == nil {
		t.Error("Update makes a user a group")
	}
	if _, err := f.user.Update(t.Context(), id, func(u *scim.Resource) error { u.SetID("other"); return nil }); err == nil {
		t.Error("Update changes the id")
	}
	if got := f.get(f.user, id).String("userName"); got != "anna" {
		t.Errorf("userName = %q", got)
	}
}

// TestHostFillsStore: resources that the host makes itself get what the engine
// would give them.
func TestHostFillsStore(t *testing.T) {
	f := newFixture(t)
	r, err := scim.NewResource(f.users, scim.User{UserName: "anna"})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.user.Create(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	first := r.Meta()
	if r.ID() == "" || first.Created.IsZero() || first.LastModified.IsZero() || first.Version == "" {
		t.Fatalf("id %q, meta %+v", r.ID(), first)
	}
	u, err := f.user.Update(t.Context(), r.ID(), func(r *scim.Resource) error { return r.Set("active", false) })
	if err != nil {
		t.Fatal(err)
	}
	m := u.Meta()
	if m.Version == first.Version || !m.LastModified.After(first.LastModified) || !m.Created.Equal(first.Created) {
		t.Errorf("after a change meta is %+v, before %+v", m, first)
	}
	u, err = f.user.Update(t.Context(), r.ID(), func(*scim.Resource) error { return nil })
	if err != nil || u.Meta() != m {
		t.Errorf("after no change meta is %+v (error %v), before %+v", u.Meta(), err, m)
	}
	if err := f.user.Create(t.Context(), r); !errors.Is(err, scim.ErrConflict) {
		t.Errorf("Create with an id that is taken = %v", err)
	}
}

func TestSecretsAreNotStored(t *testing.T) {
	f := newFixture(t)
	u := f.create(f.user, f.users, "anna", `{"userName":"anna","password":"s3cret"}`)
	for _, r := range []*scim.Resource{u, f.get(f.user, "anna")} {
		if r.Has("password") {
			t.Error("the password is stored")
		}
	}
	r, err := f.user.Update(t.Context(), "anna", func(r *scim.Resource) error { return r.Set("password", "s3cret") })
	if err != nil || r.Has("password") || f.get(f.user, "anna").Has("password") {
		t.Errorf("Update stores the password; error %v", err)
	}

	cars := carType()
	h := f.store.Handler(cars)
	f.create(h, cars, "car", `{"plate":"A1","pin":"1","radio":{"model":"x","code":"2"},"wheels":[{"value":"w1","lock":"3"},{"lock":"4"},{"size":15}]}`)
	got := string(f.get(h, "car").Document().Bytes())
	if !strings.Contains(got, `"plate":"A1","radio":{"model":"x"},"wheels":[{"value":"w1"},{"size":15}],`) {
		t.Errorf("stored: %s", got)
	}
	f.create(h, cars, "bare", `{"plate":"A2","radio":{"code":"2"},"wheels":[{"lock":"3"}]}`)
	if got := string(f.get(h, "bare").Document().Bytes()); !strings.Contains(got, `"plate":"A2","meta"`) {
		t.Errorf("stored: %s", got)
	}
}

// TestUniqueKinds: what is unique may be a number, a sub-attribute of a list,
// or caseExact.
func TestUniqueKinds(t *testing.T) {
	f := newFixture(t)
	cars, fleets := carType(), fleetType()
	car, fleet := f.store.Handler(cars), f.store.Handler(fleets)
	f.create(car, cars, "c1", `{"plate":"A1","wheels":[{"value":"W1"},{"value":"W2"},{"value":"w2"}]}`)
	f.create(car, cars, "c2", `{"plate":"a1"}`)
	f.create(fleet, fleets, "f1", `{"number":7}`)
	for _, tt := range []struct {
		h    scim.ResourceHandler
		rt   *schema.ResourceType
		data string
		want string
	}{
		{car, cars, `{"plate":"A1"}`, "plate"},
		{car, cars, `{"plate":"A2","wheels":[{"value":"w3"},{"value":"w1"}]}`, "wheels.value"},
		{car, cars, `{"plate":"A3","wheels":[{"value":"W4"}]}`, ""},
		{fleet, fleets, `{"number":7}`, "number"},
		{fleet, fleets, `{"number":-7}`, ""},
		{fleet, fleets, `{}`, ""},
		{fleet, fleets, `{}`, ""},
	} {
		r, err := scim.ParseResource(tt.rt, []byte(tt.data))
		if err != nil {
			t.Fatal(err)
		}
		err = tt.h.Create(t.Context(), r)
		if (err == nil) != (tt.want == "") || err != nil && (!errors.Is(err, scim.ErrConflict) || !strings.Contains(err.Error(), tt.want+" ")) {
			t.Errorf("Create(%s) = %v, want a conflict of %q", tt.data, err, tt.want)
		}
	}
	if got, _ := f.list(fleet, fleets, "number eq 7.0"); got != "f1" {
		t.Errorf("number eq 7.0 finds %q", got)
	}
}

func TestOrderOfCreation(t *testing.T) {
	f := newFixture(t)
	for _, name := range []string{"c", "a", "d", "b"} {
		f.newUser(name)
	}
	if err := f.user.Delete(t.Context(), "a", func(*scim.Resource) error { return nil }); err != nil {
		t.Fatal(err)
	}
	f.newUser("e")
	if got, _ := f.list(f.user, f.users, `id pr`); got != "c d b e" {
		t.Errorf("List gives %s", got)
	}
}

// TestCancelledScan: a List whose client has gone ends soon.
func TestCancelledScan(t *testing.T) {
	f := newFixture(t)
	for i := range 2000 {
		f.newUser(fmt.Sprintf("u%d", i))
	}
	ctx := &endingContext{Context: t.Context(), left: 2}
	order, err := filter.NewOrder(f.users, "userName", false)
	if err != nil {
		t.Fatal(err)
	}
	before := f.store.Visits()
	_, err = f.user.List(ctx, scim.Query{Order: order, StartIndex: 1, Count: 1})
	if visits := f.store.Visits() - before; !errors.Is(err, context.Canceled) || visits > 1000 {
		t.Errorf("List = %v after %d visits", err, visits)
	}
}

// endingContext ends when it is asked for the last time.
type endingContext struct {
	context.Context
	left int
}

func (c *endingContext) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}
