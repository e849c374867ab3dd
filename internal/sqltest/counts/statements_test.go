package counts

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/fill"
)

func members(from, n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`{"value":%q}`, fill.ID(from+i)))
	}
	return "[" + strings.Join(list, ",") + "]"
}

func patch(operations string) string {
	return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + operations + `]}`
}

// TestStatements: what requests cost, however much there is.
func TestStatements(t *testing.T) {
	const user = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"new@example.com","displayName":"New","emails":[{"value":"new@example.com","type":"work"}]}`
	tests := []struct {
		name, request, body string
		status              int
		statements          int
		transactions        int
		postgres            []int // statements and transactions, where they differ
	}{
		{"GET user", "GET /Users/" + fill.ID(7), "", 200, 1, 0, nil},
		{"GET user that is not there", "GET /Users/x", "", 404, 1, 0, nil},
		{"userName eq", `GET /Users?filter=userName+eq+"` + fill.UserName(7) + `"`, "", 200, 1, 0, nil},
		{"userName eq, nobody", `GET /Users?filter=userName+eq+"nobody"`, "", 200, 1, 0, nil},
		{"externalId eq", `GET /Users?filter=externalId+eq+"ext-0000000007"`, "", 200, 1, 0, nil},
		{"displayName eq", `GET /Users?filter=displayName+eq+"Babs+0000000007"`, "", 200, 1, 0, nil},
		{"emails.value eq", `GET /Users?filter=emails.value+eq+"babs.0000000007@jensen.example"`, "", 200, 1, 0, nil},
		{"id eq", `GET /Users?filter=id+eq+"` + fill.ID(7) + `"`, "", 200, 1, 0, nil},
		{"displayName eq of groups", `GET /Groups?filter=displayName+eq+"Group+g100"`, "", 200, 1, 0, nil},
		{"members.value eq", `GET /Groups?filter=members.value+eq+"` + fill.ID(7) + `"&excludedAttributes=members`, "", 200, 1, 0, nil},
		{"first page", "GET /Users?count=10", "", 200, 1, 0, nil},
		{"first page that is all", "GET /Groups?count=10&excludedAttributes=members", "", 200, 1, 0, nil},
		{"count=0", "GET /Users?count=0", "", 200, 1, 0, nil},
		{"discovery", "GET /Schemas", "", 200, 0, 0, nil},
		{"ResourceTypes", "GET /ResourceTypes", "", 200, 0, 0, nil},
		{"ServiceProviderConfig", "GET /ServiceProviderConfig", "", 200, 0, 0, nil},
		{"POST user", "POST /Users", user, 201, 3, 1, []int{1, 0}},
		{"POST user again", "POST /Users", user, 409, 1, 1, []int{1, 0}},
		{"PATCH user", "PATCH /Users/" + fill.ID(7), patch(`{"op":"replace","path":"active","value":false}`), 200, 2, 1, nil},
		{"PATCH user, nothing new", "PATCH /Users/" + fill.ID(7), patch(`{"op":"replace","path":"active","value":false}`), 200, 1, 1, nil},
		{"PATCH user, e-mail", "PATCH /Users/" + fill.ID(7), patch(`{"op":"replace","path":"emails[type eq \"work\"].value","value":"else@example.com"}`), 200, 4, 1, nil},
		{"PUT user", "PUT /Users/" + fill.ID(8), strings.Replace(user, "new@", "put@", 1), 200, 4, 1, nil},
		{"POST group", "POST /Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"A"}`, 201, 2, 1, []int{1, 0}},
		{"POST group of 50", "POST /Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"B","members":` + members(1, 50) + `}`, 201, 4, 1, []int{3, 1}},
		{"DELETE user", "DELETE /Users/" + fill.ID(9), "", 204, 5, 1, nil},
	}
	each(t, func(t *testing.T, e engine) {
		n := newNode(t, e)
		ctx := t.Context()
		n.must(t, n.Users(ctx, n.users, 1000))
		for _, size := range []int{100, 600} {
			n.must(t, n.Group(ctx, n.groups, fmt.Sprintf("g%d", size), size))
		}
		for _, tt := range tests {
			rec, c := n.do(t, tt.request, tt.body)
			if rec.Code != tt.status {
				t.Errorf("%s: status %d, want %d: %s", tt.name, rec.Code, tt.status, rec.Body)
			}
			if tt.postgres != nil && e.name == "PostgreSQL" {
				tt.statements, tt.transactions = tt.postgres[0], tt.postgres[1]
			}
			if len(c.statements) != tt.statements || c.transactions != tt.transactions {
				t.Errorf("%s: %d statements and %d transactions, want %d and %d:\n%s", tt.name, len(c.statements), c.transactions, tt.statements, tt.transactions, c)
			}
		}
	})
}
