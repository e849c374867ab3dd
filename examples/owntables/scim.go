package main

import (
	"context"
	"strings"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

var users, groups = schema.UserType(), schema.GroupType()

// mapping is all that SCIM has to know of the application. The columns that it
// does not name, such as plan, are never written; what clients send that has no
// column is kept beside the application's tables. Addresses compare as the index
// on lower(email) does; Column.Key is for all of Unicode.
func mapping(existing sqlstore.Existing) []sqlstore.Table {
	return []sqlstore.Table{{
		Type: users, Name: "users", ID: "id", IDPrefix: "u",
		Columns: map[string]sqlstore.Column{
			"userName":                     {Name: "email"},
			`emails[type eq "work"].value`: {Name: "email"},
			"name.givenName":               {Name: "first_name"},
			"name.familyName":              {Name: "last_name"},
			"active":                       sqlstore.Until("disabled_at"),
		},
		// Who is there already is taken over, refused, or, if the host is asked,
		// taken over if the address is the company's.
		Existing: existing,
		Ask: func(_ context.Context, there, _ *scim.Resource) error {
			if !strings.HasSuffix(there.String("userName"), company) {
				return scim.Conflict("userName")
			}
			return nil
		},
	}, {
		Type: groups, Name: "teams", ID: "id", IDPrefix: "t",
		Columns:  map[string]sqlstore.Column{"displayName": {Name: "name"}},
		Members:  &sqlstore.Members{Table: "team_members", Owner: "team_id", Member: "user_id", Type: users},
		Existing: existing,
		Ask:      func(context.Context, *scim.Resource, *scim.Resource) error { return nil },
	}}
}
