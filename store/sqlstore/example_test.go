package sqlstore_test

import (
	"context"
	"database/sql"
	"log"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
	"github.com/scimkit/scimkit/token"
)

// Users, groups and tokens of many tenants in one SQLite file.
func Example() {
	ctx := context.Background()
	db, err := sql.Open("sqlite", "file:scim.db") // by import of modernc.org/sqlite
	if err != nil {
		log.Fatal(err)
	}
	users, groups := schema.UserType(), schema.GroupType()
	store, err := sqlstore.Open(ctx, db, sqlstore.SQLite, sqlstore.Options{
		Types: []*schema.ResourceType{users, groups},
	})
	if err != nil {
		log.Fatal(err)
	}
	tokens, err := token.New(store.Tokens(), token.Options{Prefix: "acme"})
	if err != nil {
		log.Fatal(err)
	}
	_, err = scim.NewServer(scim.Config{
		BaseURL: "https://api.example.com/scim/v2/{tenant}",
		Endpoints: []scim.Endpoint{
			{Type: users, ForTenant: store.ForTenant(users)},
			{Type: groups, ForTenant: store.ForTenant(groups)},
		},
		Authenticator: tokens,
	})
	if err != nil {
		log.Fatal(err)
	}
}

// SCIM over the tables of an application: users(id, email, first_name, last_name,
// disabled_at, plan, profile), teams(id, name) and team_members(team_id, user_id).
// All other attributes of users are JSON in the column profile.
func Example_hostTables() {
	db, err := sql.Open("pgx", "postgres://app@db/app") // by import of github.com/jackc/pgx/v5/stdlib
	if err != nil {
		log.Fatal(err)
	}
	users, groups := schema.UserType(), schema.GroupType()
	_, err = sqlstore.Open(context.Background(), db, sqlstore.PostgreSQL, sqlstore.Options{Tables: []sqlstore.Table{{
		Type: users, Name: "users", ID: "id", IDPrefix: "u", Existing: sqlstore.Adopt,
		Columns: map[string]sqlstore.Column{
			"userName":                     {Name: "email"},
			`emails[type eq "work"].value`: {Name: "email"},
			"name.givenName":               {Name: "first_name"},
			"name.familyName":              {Name: "last_name"},
			"active":                       sqlstore.Until("disabled_at"),
		},
		Rest: "profile",
	}, {
		Type: groups, Name: "teams", ID: "id", IDPrefix: "t", Existing: sqlstore.Adopt,
		Columns: map[string]sqlstore.Column{"displayName": {Name: "name"}},
		Members: &sqlstore.Members{Table: "team_members", Owner: "team_id", Member: "user_id", Type: users},
	}}})
	if err != nil {
		log.Fatal(err)
	}
}

// A schema of PostgreSQL's for each tenant, with the tables of the application, users
// in each, and those of the library.
func Example_schemaPerTenant() {
	db, err := sql.Open("pgx", "postgres://app@db/app")
	if err != nil {
		log.Fatal(err)
	}
	users := schema.UserType()
	stores := make(map[string]*sqlstore.Store)
	for _, tenant := range []string{"acme", "zeta"} {
		stores[tenant], err = sqlstore.Open(context.Background(), db, sqlstore.PostgreSQL, sqlstore.Options{
			Prefix: tenant + ".scim_",
			Tables: []sqlstore.Table{{
				Type: users, Name: tenant + ".users", ID: "id", Existing: sqlstore.Adopt,
				Columns: map[string]sqlstore.Column{"userName": {Name: "email"}},
			}},
		})
		if err != nil {
			log.Fatal(err)
		}
	}
	_ = scim.Endpoint{Type: users, ForTenant: func(_ context.Context, tenant string) (scim.ResourceHandler, error) {
		s := stores[tenant]
		if s == nil {
			return nil, scim.ErrNotFound
		}
		return s.Handler(users), nil
	}}
}
