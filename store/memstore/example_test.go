package memstore_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
)

func Example() {
	users, groups := schema.UserType(), schema.GroupType()
	store := memstore.New(memstore.Options{})
	server, err := scim.NewServer(scim.Config{
		Endpoints: []scim.Endpoint{
			{Type: users, Handler: store.Handler(users)},
			{Type: groups, Handler: store.Handler(groups)},
		},
		Authenticator: scim.StaticToken("secret"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	web := httptest.NewServer(server)
	defer web.Close()

	do := func(method, path, body string) string {
		req, _ := http.NewRequest(method, web.URL+path, strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer secret")
		req.Header.Set("Content-Type", "application/scim+json")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err.Error()
		}
		defer resp.Body.Close()
		data, _ := io.ReadAll(resp.Body)
		return resp.Status + " " + string(data)
	}
	do("POST", "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"Anna@example.com"}`)
	answer := do("GET", "/Users?attributes=userName&filter=userName+eq+%22anna@example.com%22", "")
	fmt.Println(strings.Contains(answer, `"totalResults":1`), strings.Contains(answer, `"userName":"Anna@example.com"`))
	// Output: true true
}

// A host may look into its store and change it without HTTP.
func ExampleStore_ForTenant() {
	ctx := context.Background()
	users := schema.UserType()
	store := memstore.New(memstore.Options{})
	forTenant := store.ForTenant(users)
	acme, err := forTenant(ctx, "acme")
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := scim.NewResource(users, scim.User{UserName: "anna", Title: "Engineer"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := acme.Create(ctx, r); err != nil {
		fmt.Println(err)
		return
	}
	r, err = acme.Update(ctx, r.ID(), func(r *scim.Resource) error { return r.Set("active", false) })
	fmt.Println(r.String("userName"), r.Bool("active"), err)

	other, _ := forTenant(ctx, "other")
	_, err = other.Get(ctx, r.ID(), scim.GetOptions{})
	fmt.Println(err)
	// Output:
	// anna false <nil>
	// scim: 404: There is no such resource.
}
