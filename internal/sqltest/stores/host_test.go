package stores

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/store/sqlstore"
	"github.com/scimkit/scimkit/store/storetest"
)

// hostTables are an application's own, as it had them before SCIM.
var hostTables = map[sqlstore.Dialect]string{
	sqlstore.SQLite: `
CREATE TABLE users (
	id INTEGER PRIMARY KEY AUTOINCREMENT, org TEXT NOT NULL, email TEXT NOT NULL, email_key TEXT NOT NULL, first_name TEXT, last_name TEXT NOT NULL,
	disabled_at DATETIME, plan TEXT NOT NULL DEFAULT 'free', UNIQUE (org, email), UNIQUE (org, email_key));
CREATE TABLE user_phones (user_id INTEGER NOT NULL REFERENCES users, place INTEGER NOT NULL, number TEXT NOT NULL, kind TEXT, main BOOLEAN);
CREATE TABLE teams (id INTEGER PRIMARY KEY AUTOINCREMENT, org TEXT NOT NULL, name TEXT NOT NULL, name_key TEXT NOT NULL, UNIQUE (org, name_key));
CREATE TABLE team_members (team_id INTEGER NOT NULL REFERENCES teams, user_id INTEGER NOT NULL REFERENCES users, PRIMARY KEY (team_id, user_id));`,
	sqlstore.PostgreSQL: `
CREATE TABLE users (
	id bigserial PRIMARY KEY, org text NOT NULL, email text NOT NULL, email_key text COLLATE "C" NOT NULL, first_name text, last_name text NOT NULL,
	disabled_at timestamptz, plan text NOT NULL DEFAULT 'free', UNIQUE (org, email), UNIQUE (org, email_key));
CREATE TABLE user_phones (user_id bigint NOT NULL REFERENCES users, place int NOT NULL, number text NOT NULL, kind text, main boolean);
CREATE TABLE teams (id bigserial PRIMARY KEY, org text NOT NULL, name text NOT NULL, name_key text COLLATE "C" NOT NULL, UNIQUE (org, name_key));
CREATE TABLE team_members (team_id bigint NOT NULL REFERENCES teams, user_id bigint NOT NULL REFERENCES users, PRIMARY KEY (team_id, user_id));`,
}

func hostMapping(users, groups *schema.ResourceType, existing sqlstore.Existing) []sqlstore.Table {
	return []sqlstore.Table{{
		Type: users, Name: "users", ID: "id", IDPrefix: "u", Tenant: "org", Existing: existing,
		Columns: map[string]sqlstore.Column{
			"userName":                     {Name: "email", Key: "email_key"},
			`emails[type eq "work"].value`: {Name: "email"},
			"name.givenName":               {Name: "first_name"},
			"name.familyName":              {Name: "last_name"},
			"active":                       sqlstore.Until("disabled_at"),
		},
		Lists: map[string]sqlstore.List{"phoneNumbers": {Table: "user_phones", Owner: "user_id", Order: "place",
			Columns: map[string]string{"value": "number", "type": "kind", "primary": "main"}}},
	}, {
		Type: groups, Name: "teams", ID: "id", IDPrefix: "t", Tenant: "org", Existing: existing,
		Columns: map[string]sqlstore.Column{"displayName": {Name: "name", Key: "name_key"}},
		Members: &sqlstore.Members{Table: "team_members", Owner: "team_id", Member: "user_id", Type: users},
	}}
}

func TestHostTables(t *testing.T) {
	t.Parallel()
	for _, e := range engines {
		for name, existing := range map[string]sqlstore.Existing{"Refuse": sqlstore.Refuse, "Adopt": sqlstore.Adopt} {
			t.Run(e.name+"/"+name, func(t *testing.T) {
				db := e.open(t)
				exec(t, db, hostTables[e.dialect])
				users, groups := hostTypes()
				s := mustOpen(t, db, e.dialect, sqlstore.Options{Tables: hostMapping(users, groups, existing)})
				contract(t, s, users, groups)
			})
		}
	}
}

// contract runs the contract on a store with tables of the host's.
func contract(t *testing.T, s *sqlstore.Store, users, groups *schema.ResourceType) {
	open := twoTenants(s, users, groups)
	storetest.Run(t, func(t *testing.T) storetest.Host {
		h := open(t)
		h.MayRefuse, h.Adjust = true, adjust
		return h
	})
}

func exec(t testing.TB, db *sql.DB, text string) {
	t.Helper()
	if _, err := db.Exec(text); err != nil {
		t.Fatal(err)
	}
}

// hostTypes are what the application keeps.
func hostTypes() (users, groups *schema.ResourceType) {
	users, groups = schema.UserType(), schema.GroupType()
	users.Schema = users.Schema.Without("phoneNumbers.display", "emails.display", "emails.primary")
	return users, groups
}

// adjust makes the work address of a user the userName, as the application has
// one column for both, and puts it first.
func adjust(t *schema.ResourceType, attributes map[string]any) {
	if t.Name != "User" {
		return
	}
	emails := []any{map[string]any{"type": "work", "value": attributes["userName"]}}
	if list, ok := attributes["emails"].([]any); ok {
		for _, e := range list {
			if e, ok := e.(map[string]any); ok && e["type"] != "work" {
				emails = append(emails, e)
			}
		}
	}
	attributes["emails"] = emails
	if attributes["active"] == nil { // the column always says
		attributes["active"] = true
	}
	// These columns have no key beside them: letters beyond ASCII compare as the
	// database does.
	if name, ok := attributes["name"].(map[string]any); ok {
		for _, part := range []string{"givenName", "familyName"} {
			if text, ok := name[part].(string); ok {
				name[part] = ascii(text)
			}
		}
	}
}

func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0x80 {
			return 'x'
		}
		return r
	}, s)
}
