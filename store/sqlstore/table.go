package sqlstore

import (
	"context"
	"time"

	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// A Table tells how the resources of one type lie in the database.
//
// With nothing but Type, they lie in the library's own tables. With a Name, they
// are rows of a table of the host's, t in all SQL here: each attribute is in the
// column that Columns names, and what has no column is in Rest, or else kept beside
// the row in the library's tables, which the rows of the host know nothing of.
// Columns that are not named are never written.
//
// The library does not learn that the application deletes a row: clients no longer
// see it, but what was kept beside it, and its places in groups of the library's,
// stay until they are deleted, too. A job, or a trigger with OLD.id, can do so:
//
//	DELETE FROM scim_resources WHERE type = 'User' AND id NOT IN (SELECT CAST(id AS text) FROM users)
//
// Names of tables and columns are as the database has them, "firstName" and "order"
// too: they get quotes where SQL needs them. They and all SQL are the host's own and
// trusted. When the store is opened, they are checked against the schema and the
// database, which plans every statement without running it: what is misspelt, of
// another type or not permitted is an error of Open, as is a foreign key of a table
// of members or of a list that can never hold. What triggers and other foreign keys
// do, and what Encode and Decode make, it does not see: a request fails where they
// keep a row that is to go, or make true again what becomes false, such as active.
type Table struct {
	Type *schema.ResourceType

	Name string // of the table, "users"; a schema may stand before it: "app.users"

	// ID is the column with the resource's id: a key of the table (with
	// Tenant) of an integer, text or uuid type. Its text, behind IDPrefix, is
	// the SCIM id, which must never become that of another row, who would get
	// what the library has beside it, and its groups. SQLite's INTEGER PRIMARY
	// KEY gives the numbers of deleted rows again, and is refused without
	// AUTOINCREMENT. Where the database makes ids, it makes those of new
	// resources; where it does not, they are the engine's, UUIDs in text. SQLite
	// makes numbers of texts in columns of types that it does not know, STRING or
	// GUID: for ids, tenants and texts they are refused, and TEXT is needed.
	ID       string
	IDPrefix string

	// Tenant is the column with the tenant, which no attribute can be in.
	// A text must be one that the database compares by its bytes, and no citext or
	// NOCASE: Acme and acme are two tenants.
	// Without one, all rows are of one tenant, for [Store.Handler]; ForTenant
	// refuses the type. Types whose resources are members of each other all
	// have a tenant, or none.
	Tenant string

	// Columns are where the attributes are, by path (RFC 7644 section 3.10) in
	// the spelling of the schema: "userName", "name.givenName",
	// `emails[type eq "work"].value`. Several paths may name one column: it has
	// the value of the first of these attributes that has one, a unique attribute
	// before others, then in the order of the schema. A work address in the column
	// of userName, which every user has, follows that, and what clients send for
	// the address alone changes nothing. So it is with two that are not unique:
	// while the first has a value, a PATCH of the second succeeds and changes
	// nothing, as the same resource always makes the same row.
	//
	// A path with brackets is the first element that they select; the others, and what
	// it has no columns for, are kept as all that has none. Filters ask a list for
	// what all its elements in columns have there or in the brackets, and resources
	// are not sorted by it: the rest is invalidFilter, or done in memory with
	// Options.Scan. What may be two elements in one, and what the brackets say,
	// cannot have columns.
	//
	// Columns of attributes without a value are left out of new rows, so that
	// they get the default of the database, if they have one. A boolean whose
	// column always says yes or no, being NOT NULL or converted, stays as it is
	// when a client removes it: to remove active enables nobody.
	Columns map[string]Column

	// Lists are the multi-valued attributes that are in tables of their own,
	// by path: "emails".
	Lists map[string]List

	// Members is the table with the elements of the list of references that
	// clients write, Group.members.
	Members *Members

	// Rest is a column, of type json, jsonb or text, for all attributes that have
	// no column: one JSON object in the row itself, with the names that clients
	// send, {"title":"Engineer","name":{"honorificPrefix":"Dr."}}; NULL is none
	// (or {}, if the column is NOT NULL). Without it, they are in the
	// library's table, beside the row.
	//
	// The application may read and write it. What it writes, clients see and
	// filters find: the library's table has the comparison keys of each text with
	// a copy of it, and a filter or an order on what is in Rest first looks for
	// the rows that have another text by now, and makes their keys. That reads all
	// rows of the tenant, a few hundred thousand a second: an attribute by which
	// clients look up one of many, such as externalId, should have a column of its
	// own and an index. Attributes that must be unique, and what lists show of a
	// resource (displayName or userName), need a column.
	//
	// Names are those of the schema, in its spelling. Members with other names,
	// with attributes that have columns, or with values of another type than
	// the schema says are the application's: clients do not see them, and what
	// clients change leaves them as they are, but within elements of lists that
	// change, and where the attribute itself gets a value. What is no JSON
	// object counts as no attributes, and a change that would have to replace
	// it fails, with an error that names the column. An application that reads the
	// text, changes it and writes it back locks the row, as the library does. A
	// default of the column is for new rows without such attributes.
	//
	// A mapping that gets a Rest keeps what is in the library's table, and moves it
	// when a resource changes; where both have an attribute, the column counts.
	// What is in Rest moves into the column or the List that its attribute gets, also
	// in rows that no client has adopted yet, but not with Refuse.
	// Attributes that the schema does not have ([scim.KeepUnknown]), and what
	// elements of Lists have no columns for, stay in the library's table.
	Rest string

	// Fixed are values of further columns in new rows.
	Fixed map[string]any

	// Where limits the rows that are resources, by SQL about t, a condition.
	// What a client would make or change so that Where leaves it out is 400
	// invalidValue; Fixed can give new rows what it asks for. It cannot ask that a user
	// is active: nobody could be deactivated.
	Where string

	// DeletedAt is a column with the time of deletion, else NULL: DELETE sets it, and
	// rows that have it are no resources. Without it, DELETE deletes the row.
	// Unique indexes must leave deleted rows out then, WHERE it IS NULL: a
	// client may create again what it has deleted.
	DeletedAt string

	// Existing says what becomes of rows that were there before SCIM was.
	Existing Existing

	// Ask decides, with AskHost, whether the existing row may become the
	// resource that a client wants to create. An error is the answer to the
	// client, nil adopts.
	Ask func(ctx context.Context, existing, wanted *scim.Resource) error
}

// Existing is a policy for rows that no provisioning client has made.
type Existing uint8

// The policies.
const (
	// Refuse: clients do not see them, and creating one with a unique value of
	// theirs is a conflict (409).
	Refuse Existing = iota
	// Adopt: clients see them and change them as if they had made them;
	// creating one with a unique value of theirs takes the row over. What the
	// client does not send stays: who is disabled stays so unless the client
	// says that they are active, and a group keeps its members unless the
	// client sends some. Rows are found as the database compares: without
	// Column.Key, a name with letters beyond ASCII may not be found in another
	// letter case, and becomes a second row if the table's unique index lets it.
	Adopt
	// AskHost: clients do not see them; when a client creates one with a
	// unique value of theirs, Table.Ask decides. Ask is called within the
	// transaction, perhaps again after a lost race, and does not use the
	// database by itself.
	AskHost
)

// A Column is where one attribute is. Of Name and SQL, one is enough.
type Column struct {
	Name string // the column, which is read and written

	// SQL is an expression about t that is read in place of Name. Without Name,
	// nothing is written: an attribute must be readOnly in the schema then, so
	// that a client is told; of an element of a list, such as
	// `emails[type eq "work"].value`, what a client sends is not kept. SQL may
	// have subqueries; the library's own names for tables are refused in it.
	SQL string

	// Key is a further column with text, for strings: it holds the comparison key of the
	// value, [scim.IdentityKey] where the attribute is not caseExact, and is
	// written with it. Filters and the unique index are on it then, right for
	// all of Unicode.
	//
	// An application that writes Name should write Key, too, or NULL for it. Where it
	// does not, Open and each change of the row by a client give the row the key of its
	// Name, and Open refuses two rows with one key of what is unique. Until then, eq
	// finds the row neither by its former value nor by that of now, and other filters
	// compare the key that is there. The former value is free for others; creating or
	// renaming somebody finds rows whose Key is NULL by lower(Name), so that nobody
	// gets a second account. A change of the row is never refused for the key that it
	// should have: if another row has that one by right, the row goes without.
	// Rows that Where or DeletedAt keeps from clients stay without a key if they have
	// none: so an application lets go of the names in its archive.
	//
	// Without it, strings that are not caseExact compare as the database lowers
	// letters, or as they are, and are looked up by lower(column).
	//
	// What every creation and most clients look up, userName, displayName of groups
	// and externalId, needs an index that serves them: on Key, or else on the
	// column, for what is caseExact, such as externalId, or on lower(column), for
	// what is not. UNIQUE (email) alone does not serve: Open refuses it, and its
	// error has the statement that makes the index.
	Key string

	// Form is what the column holds, any but Opaque; by default what the type of
	// the attribute suggests, and seconds where a time is in a column with
	// integers. Times without a zone are in UTC.
	Form sqlfilter.Form

	// Decode makes of what the driver gives the attribute's value: a string,
	// bool, int64, float64 or time.Time, nil for none. What it has an error for
	// counts as no value, as what is not of the attribute's type does without it,
	// and stays in the column until a client sends a value. Encode is the other
	// way; it is not called for a boolean that a client removes, and a password
	// needs it, for a hash. Filters and sorting compare SQL, Key or what is in
	// the column, and not what Decode makes of it: with Decode and neither SQL
	// nor Key, they are 400 invalidFilter, or done in memory with Options.Scan,
	// and a unique attribute is refused.
	Decode func(column any) (attribute any, err error)
	Encode func(attribute any) (column any, err error)

	until bool // a time is expected
}

// Until is the column of a boolean attribute, such as active, that is true as
// long as a time has not come into the column: disabled_at, which may be NULL.
func Until(column string) Column {
	return Column{
		Name: column, SQL: "t." + inSQL(column) + " IS NULL", Form: sqlfilter.Boolean, until: true,
		Encode: func(v any) (any, error) {
			if v == false {
				return time.Now().UTC(), nil
			}
			return nil, nil
		},
	}
}

// A List is a table whose rows are the elements of a multi-valued attribute. It may
// have columns that are the application's: of a list that changes, new elements
// become rows, those of elements that go are deleted (while another table refers to
// one, that is 409), and of those of elements that change, only the columns that
// differ are written. A changed element is one with the same value, or the only one
// of its type: replacing the address of type "work" is an UPDATE of its row, so that
// what the application has noted of an address, that it is confirmed, is for a
// trigger to take back. Rows of which all of Columns are equal are one element. Where
// an index keeps a sub-attribute unique, two elements cannot swap it in one request.
//
// The rows of a resource are found by Owner, with each resource that is read: there
// should be an index that begins with it (and Tenant).
type List struct {
	Table  string
	Owner  string // the column with Table.ID of the resource
	Tenant string // the column with the tenant, needed if Table.ID is unique within one only
	// Order is a column with an integer by which the elements of a resource are
	// in order: it is written. Without it, they are in the order of their
	// values, and sorting resources by the list is not possible.
	Order string
	// Columns are those of the sub-attributes; the elements of a simple
	// attribute are in that of "value". What has no column is kept in the
	// library's tables, with the element that has the same value; filters do
	// not find it.
	Columns map[string]string
}

// Members is a table that joins resources to resources. Members are shown in the
// order of their ids. It should have a key or a unique index on Owner and Member (and
// Tenant): without one, a member with several rows is shown once, at the cost of
// looking for them. It should also have an index that begins with Member (behind
// Tenant): with each user that is read, the groups are found by it.
//
// Whom a client deletes leaves all rows, also with DeletedAt, and also those of teams
// that Where or DeletedAt keeps from clients: who is gone is in no team. A user who is
// to be in them again gets new rows.
type Members struct {
	Table  string
	Owner  string // the column with the id of the one that has the list
	Member string // the column with the id of the member
	Tenant string // the column with the tenant, needed if an id is unique within one only
	// Type is the resource type of members, one of Options.Tables.
	Type *schema.ResourceType
}
