package memstore_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
)

// userJSON is a user as Entra sends one, 1.1 KB.
func userJSON(i int) []byte {
	return fmt.Appendf(nil, `{"userName":"person.number%06d@contoso.example.com","externalId":"5f2c8d1e-7d0a-4c6e-9a33-%012d",
"name":{"formatted":"Person Number %d","familyName":"Number%d","givenName":"Person"},"displayName":"Person Number %d",
"title":"Senior Engineer","preferredLanguage":"en-US","locale":"en-US","timezone":"Europe/Berlin","active":true,
"emails":[{"value":"person.number%06d@contoso.example.com","type":"work","primary":true}],
"phoneNumbers":[{"value":"tel:+1-201-555-0123","type":"work"},{"value":"tel:+1-201-555-0177","type":"mobile"}],
"addresses":[{"formatted":"100 Universal City Plaza, Hollywood, CA 91608","streetAddress":"100 Universal City Plaza","locality":"Hollywood","region":"CA","postalCode":"91608","country":"US","type":"work"}],
"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"%d","costCenter":"4130","organization":"Universal Studios","division":"Theme Park","department":"Tour Operations"}}`,
		i, i, i, i, i, i, i)
}

func heap() (bytes, objects uint64) {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc, m.HeapObjects
}

// TestMemory keeps what a stored user costs: at most 1.6 times its document and
// 5 objects.
func TestMemory(t *testing.T) {
	const n = 10000
	users := schema.UserType()
	store := memstore.New(memstore.Options{})
	h := store.Handler(users)
	length := 0
	bytes, objects := heap()
	for i := range n {
		r, err := scim.ParseResource(users, userJSON(i))
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Create(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		length += len(r.Document().Bytes())
	}
	bytes2, objects2 := heap()
	runtime.KeepAlive(store)
	perDoc := float64(bytes2-bytes) / float64(length)
	perUser := float64(objects2-objects) / n
	t.Logf("a document of %d bytes costs %.2f times that, in %.2f objects", length/n, perDoc, perUser)
	if perDoc > 1.6 || perUser > 5 {
		t.Errorf("a stored user costs %.2f times its document and %.2f objects, want at most 1.6 and 5", perDoc, perUser)
	}
}

// TestMemoryOfGroups: what a group keeps does not hold on to the memory of the
// list that came with it.
func TestMemoryOfGroups(t *testing.T) {
	f := newFixture(t)
	var members []scim.Member
	for i := range 2000 {
		members = append(members, scim.Member{Value: f.newUser(fmt.Sprintf("u%d", i))})
	}
	f.newGroup("g")
	for range 2 {
		if _, err := f.group.Update(t.Context(), "g", func(r *scim.Resource) error {
			r.SetMeta(scim.Meta{Version: "x"})
			return r.Set("members", members)
		}); err != nil {
			t.Fatal(err)
		}
	}
	r, err := f.group.Get(t.Context(), "g", scim.GetOptions{Omit: []string{"MEMBERS"}})
	if err != nil {
		t.Fatal(err)
	}
	if text := r.Document().Bytes(); cap(text) > 2*len(text) {
		t.Errorf("a document of %d bytes holds on to %d", len(text), cap(text))
	}
}
