package bench

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
)

// newOurs makes scimkit as quickstart does, with no option set.
func newOurs() (*data, func(string, []string) error, error) {
	users, groups := schema.UserType(), schema.GroupType()
	store := memstore.New(memstore.Options{})
	h, err := scim.NewServer(scim.Config{
		Endpoints:     []scim.Endpoint{{Type: users, Handler: store.Handler(users)}, {Type: groups, Handler: store.Handler(groups)}},
		Authenticator: scim.StaticToken(token),
		Logger:        slog.New(slog.DiscardHandler),
	})
	return &data{handler: h}, func(id string, people []string) error { return addMembers(h, id, people) }, err
}

// addMembers adds members by PATCH, as many at once as are allowed.
func addMembers(h http.Handler, id string, people []string) error {
	const most = 10_000
	for len(people) > 0 {
		n := min(most, len(people))
		var b strings.Builder
		b.WriteString(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"members","value":[`)
		for i, p := range people[:n] {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"value":%q}`, p)
		}
		b.WriteString("]}]}")
		if a := perform(h, request{"PATCH", "/Groups/" + id, b.String()}); a.Status/100 != 2 {
			return fmt.Errorf("PATCH of members: status %d: %.300s", a.Status, a.Body)
		}
		people = people[n:]
	}
	return nil
}
