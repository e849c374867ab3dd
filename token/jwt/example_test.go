package jwt_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/jwt"
)

func Example() {
	tenants := map[string]string{"okta-acme": "acme"}
	clients, err := jwt.New(jwt.Config{
		Issuers:  []jwt.Issuer{{Name: "https://login.example.com", KeysURL: "https://login.example.com/jwks.json"}},
		Audience: "https://api.example.com/scim/v2",
		Tenant: func(_ context.Context, _, client string) (string, error) {
			if tenant, ok := tenants[client]; ok {
				return tenant, nil
			}
			return "", token.ErrNotFound
		},
	})
	if err != nil {
		panic(err)
	}
	tokens, err := token.New(token.NewMemoryStore(), token.Options{})
	if err != nil {
		panic(err)
	}
	auth := token.Chain(tokens, tokens.Guard(clients)) // for scim.Config.Authenticator

	r := httptest.NewRequest("GET", "/scim/v2/acme/Users", nil)
	r.Header.Set("Authorization", "Bearer eyJhbGciOiJub25lIn0.e30.")
	_, err = auth.Authenticate(r, "acme")
	fmt.Println(err)
	// Output: scim: 401: The request needs valid credentials.
}
