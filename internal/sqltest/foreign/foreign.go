// Package foreign has the tables of an application that was there before SCIM,
// with keys and rows of its own, and says where SCIM's attributes lie in them:
// most of a user's in columns, lists in tables of their own, members in a join
// table. Nothing in the tables is there for SCIM.
package foreign

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// IDs says what the ids of the application's rows are.
type IDs uint8

// The kinds of ids.
const (
	Numbers IDs = iota // made by the database
	UUIDs              // made by whoever makes the row
)

// Org is a tenant of the application.
const Org = "acme"

// plan is a column that only the application writes, a count so that every lost
// write shows. Foreign keys have the tenant.
const tables = `
CREATE TABLE users (
	id {id}, org {text} NOT NULL, login {text} NOT NULL, login_key {key} NOT NULL, plan {int} NOT NULL DEFAULT 0, pass_hash {text},
	enabled BOOLEAN, label {text}, label_key {key}, external_id {text}, full_name {text}, first_name {text}, middle_name {text}, last_name {text},
	honor_prefix {text}, honor_suffix {text}, nick {text}, url {text}, title {text}, kind {text}, language {text}, locale {text}, zone {text},
	staff_no {text}, cost_center {text}, company {text}, division {text}, department {text}, boss {text},
	UNIQUE (org, id));
CREATE UNIQUE INDEX users_login ON users (org, login_key);
CREATE INDEX users_external ON users (org, external_id);
CREATE TABLE user_emails (
	org {text} NOT NULL, user_id {ref} NOT NULL, place {int} NOT NULL, address {text}, kind {text}, main BOOLEAN, label {text},
	PRIMARY KEY (org, user_id, place), FOREIGN KEY (org, user_id) REFERENCES users (org, id));
CREATE INDEX user_emails_address ON user_emails (org, lower(address));
CREATE TABLE user_phones (
	org {text} NOT NULL, user_id {ref} NOT NULL, place {int} NOT NULL, phone {text}, kind {text}, main BOOLEAN, label {text},
	PRIMARY KEY (org, user_id, place), FOREIGN KEY (org, user_id) REFERENCES users (org, id));
CREATE TABLE user_addresses (
	org {text} NOT NULL, user_id {ref} NOT NULL, place {int} NOT NULL, lines {text}, street {text}, town {text}, region {text}, zip {text},
	country {text}, kind {text}, main BOOLEAN,
	PRIMARY KEY (org, user_id, place), FOREIGN KEY (org, user_id) REFERENCES users (org, id));
CREATE TABLE teams (
	id {id}, org {text} NOT NULL, name {text} NOT NULL, name_key {key} NOT NULL, external_id {text}, UNIQUE (org, name_key), UNIQUE (org, id));
CREATE INDEX teams_external ON teams (org, external_id);
CREATE TABLE team_members (
	org {text} NOT NULL, team_id {ref} NOT NULL, user_id {ref} NOT NULL, PRIMARY KEY (org, team_id, user_id),
	FOREIGN KEY (org, team_id) REFERENCES teams (org, id), FOREIGN KEY (org, user_id) REFERENCES users (org, id));
CREATE INDEX team_members_user ON team_members (org, user_id);
`

// Tables is the SQL that makes the application's tables.
func Tables(d sqlstore.Dialect, ids IDs) string {
	types := map[string]string{"{text}": "TEXT", "{key}": "TEXT", "{int}": "INTEGER", "{id}": "INTEGER PRIMARY KEY AUTOINCREMENT", "{ref}": "INTEGER"}
	switch {
	case d == sqlstore.PostgreSQL && ids == UUIDs:
		types["{id}"], types["{ref}"] = "uuid PRIMARY KEY", "uuid"
	case d == sqlstore.PostgreSQL:
		types["{id}"], types["{ref}"] = "bigserial PRIMARY KEY", "bigint"
	case ids == UUIDs:
		types["{id}"], types["{ref}"] = "TEXT NOT NULL PRIMARY KEY", "TEXT"
	}
	if d == sqlstore.PostgreSQL {
		types["{key}"] = `text COLLATE "C"`
	}
	text := tables
	for name, typ := range types {
		text = strings.ReplaceAll(text, name, typ)
	}
	return text
}

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:"

// columns are those of attributes with a column of text and nothing more.
var columns = map[string]string{
	"externalId": "external_id", "name.formatted": "full_name", "name.givenName": "first_name", "name.middleName": "middle_name",
	"name.familyName": "last_name", "name.honorificPrefix": "honor_prefix", "name.honorificSuffix": "honor_suffix", "nickName": "nick",
	"profileUrl": "url", "title": "title", "userType": "kind", "preferredLanguage": "language", "locale": "locale", "timezone": "zone",
	enterprise + "employeeNumber": "staff_no", enterprise + "costCenter": "cost_center", enterprise + "organization": "company",
	enterprise + "division": "division", enterprise + "department": "department", enterprise + "manager.value": "boss",
}

// Mapping says where the attributes of users and groups are. ims, photos, roles,
// entitlements, certificates and the rest of a manager have no place there.
func Mapping(ids IDs, users, groups *schema.ResourceType, existing sqlstore.Existing) []sqlstore.Table {
	user, team := "u", "t"
	if ids == UUIDs {
		user, team = "", ""
	}
	mapped := map[string]sqlstore.Column{
		"userName":    {Name: "login", Key: "login_key"},
		"displayName": {Name: "label", Key: "label_key"},
		"active":      {Name: "enabled"},
		"password":    {Name: "pass_hash", Encode: hash},
	}
	for path, name := range columns {
		mapped[path] = sqlstore.Column{Name: name}
	}
	list := func(table string, columns map[string]string) sqlstore.List {
		columns["type"], columns["primary"] = "kind", "main"
		return sqlstore.List{Table: table, Owner: "user_id", Tenant: "org", Order: "place", Columns: columns}
	}
	return []sqlstore.Table{{
		Type: users, Name: "users", ID: "id", IDPrefix: user, Tenant: "org", Existing: existing, Columns: mapped,
		Lists: map[string]sqlstore.List{
			"emails":       list("user_emails", map[string]string{"value": "address", "display": "label"}),
			"phoneNumbers": list("user_phones", map[string]string{"value": "phone", "display": "label"}),
			"addresses": list("user_addresses", map[string]string{"formatted": "lines", "streetAddress": "street", "locality": "town",
				"region": "region", "postalCode": "zip", "country": "country"}),
		},
	}, {
		Type: groups, Name: "teams", ID: "id", IDPrefix: team, Tenant: "org", Existing: existing,
		Columns: map[string]sqlstore.Column{"displayName": {Name: "name", Key: "name_key"}, "externalId": {Name: "external_id"}},
		Members: &sqlstore.Members{Table: "team_members", Owner: "team_id", Member: "user_id", Tenant: "org", Type: users},
	}}
}

// hash is what the application keeps of a password.
func hash(password any) (any, error) {
	text, ok := password.(string)
	if !ok {
		return nil, nil
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:]), nil
}
