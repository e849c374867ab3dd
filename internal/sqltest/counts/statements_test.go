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

// TestStatements: what requests cost, however much there is. Where the databases
// differ, most is that of SQLite, PostgreSQL.
func TestStatements(t *testing.T) {
	const user = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"new@example.com","displayName":"New","emails":[{"value":"new@example.com","type":"work"}]}`
	tests := []struct {
		name, request, body string
		status              int
		statements          int
		transactions        int
	}{
		{"GET user", "GET /Users/" + fill.ID(7), "", 200, 1, 0},
		{"GET user that is not there", "GET /Users/x", "", 404, 1, 0},
		{"userName eq", `GET /Users?filter=userName+eq+"` + fill.UserName(7) + `"`, "", 200, 1, 0},
		{"userName eq, nobody", `GET /Users?filter=userName+eq+"nobody"`, "", 200, 1, 0},
		{"externalId eq", `GET /Users?filter=externalId+eq+"ext-0000000007"`, "", 200, 1, 0},
		{"displayName eq", `GET /Users?filter=displayName+eq+"Babs+0000000007"`, "", 200, 1, 0},
		{"emails.value eq", `GET /Users?filter=emails.value+eq+"babs.0000000007@jensen.example"`, "", 200, 1, 0},
		{"id eq", `GET /Users?filter=id+eq+"` + fill.ID(7) + `"`, "", 200, 1, 0},
		{"displayName eq of groups", `GET /Groups?filter=displayName+eq+"Group+g100"`, "", 200, 1, 0},
		{"members.value eq", `GET /Groups?filter=members.value+eq+"` + fill.ID(7) + `"&excludedAttributes=members`, "", 200, 1, 0},
		{"first page", "GET /Users?count=10", "", 200, 1, 0},
		{"first page that is all", "GET /Groups?count=10&excludedAttributes=members", "", 200, 1, 0},
		{"count=0", "GET /Users?count=0", "", 200, 1, 0},
		{"discovery", "GET /Schemas", "", 200, 0, 0},
		{"ResourceTypes", "GET /ResourceTypes", "", 200, 0, 0},
		{"ServiceProviderConfig", "GET /ServiceProviderConfig", "", 200, 0, 0},
		{"POST user", "POST /Users", user, 201, 3, 1},
		{"POST user again", "POST /Users", user, 409, 1, 1},
		{"PATCH user", "PATCH /Users/" + fill.ID(7), patch(`{"op":"replace","path":"active","value":false}`), 200, 2, 1},
		{"PATCH user, nothing new", "PATCH /Users/" + fill.ID(7), patch(`{"op":"replace","path":"active","value":false}`), 200, 1, 1},
		{"PATCH user, e-mail", "PATCH /Users/" + fill.ID(7), patch(`{"op":"replace","path":"emails[type eq \"work\"].value","value":"else@example.com"}`), 200, 4, 1},
		{"PUT user", "PUT /Users/" + fill.ID(8), strings.Replace(user, "new@", "put@", 1), 200, 4, 1},
		{"POST group", "POST /Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"A"}`, 201, 2, 1},
		{"POST group of 50", "POST /Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"B","members":` + members(1, 50) + `}`, 201, 4, 1},
		{"DELETE user", "DELETE /Users/" + fill.ID(9), "", 204, 5, 1},
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
			if len(c.statements) != tt.statements || c.transactions != tt.transactions {
				t.Errorf("%s: %d statements and %d transactions, want %d and %d:\n%s", tt.name, len(c.statements), c.transactions, tt.statements, tt.transactions, c)
			}
		}
	})
}
