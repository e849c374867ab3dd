// Package sqlstore keeps the resources of SCIM in a SQL database, PostgreSQL or
// SQLite: in tables of its own, or in those that the host has already. JSON in
// and out, filters, sorting, paging, PATCH, uniqueness and membership follow from
// where the attributes lie.
//
// # The library's tables
//
//	users, groups := schema.UserType(), schema.GroupType()
//	store, err := sqlstore.Open(ctx, db, sqlstore.SQLite, sqlstore.Options{
//		Types: []*schema.ResourceType{users, groups},
//	})
//	…
//	endpoints := []scim.Endpoint{
//		{Type: users, ForTenant: store.ForTenant(users)},
//		{Type: groups, ForTenant: store.ForTenant(groups)},
//	}
//	tokens, err := token.New(store.Tokens(), …)
//
// Open creates the tables and migrates them, also where several nodes start at
// once; [Schema] prints them for a migration tool of the host's. A resource is one
// canonical document; beside it stands the same document with every value
// replaced by its comparison key, so that every filter runs in the database and
// finds what it would find in memory. What clients look up by, userName,
// externalId, displayName, e-mail addresses and members, has an index.
//
// # The host's tables
//
// A [Table] maps attributes to columns of a table that is there:
//
//	sqlstore.Table{
//		Type: users, Name: "users", ID: "id", Tenant: "org_id",
//		Columns: map[string]sqlstore.Column{
//			"userName":                     {Name: "email"},
//			`emails[type eq "work"].value`: {Name: "email"},
//			"name.givenName":               {Name: "first_name"},
//			"name.familyName":              {Name: "last_name"},
//			"active":                       sqlstore.Until("disabled_at"),
//		},
//	}
//
// Attributes without a column are kept in the library's table, beside the row, or,
// with Table.Rest, in a column of JSON in the row itself, which the application may
// read and write. Columns that no attribute names are never written. Lists of
// values may be in tables of their own ([List]), members are rows of a join table
// ([Members]). The mapping is checked when the store is opened: against the schema,
// and against what the database says of tables, types, foreign keys and every
// statement, and of indexes, without which a look-up would read all rows. [Existing]
// says what becomes of rows that were there before.
//
// What the application changes in its columns is what clients see, with another
// version of the resource. Who is in a group is not part of its version where
// the application itself changes that. A request of which nothing is stored, as it
// repeats what there is, or differs in what shares a column with another attribute,
// leaves the version as it is.
//
// # Tenants
//
// Tenants are told apart by a column, or by a Store for each database or schema.
// In PostgreSQL, a Store with Table.Name "acme.users" and Options.Prefix
// "acme.scim_" keeps to the schema acme; one whose connections have search_path=acme
// does, too. The ForTenant of [scim.Endpoint] picks the Store.
//
// # Changes of schema and mapping
//
// The library's table of types remembers, of each resource type, where it lies and
// what comparison keys were made by. When a store opens with another schema or
// mapping, it makes keys again where attributes have another type, caseExact or
// uniqueness, and moves values that are beside rows, or in Table.Rest, into the
// columns, and the tables of lists, that their attributes have by now, where these
// have none. A column that always has a value may have it by default: if clients have
// sent another one, Open refuses, and names column, attribute and resources; of
// active, false counts, on either side. Resources that do not fit, two with one value
// of what is unique, or a text where the schema says boolean by now, are an error of
// Open, also where clients do not see the row: they may again. In the library's own
// tables that is one transaction: writers wait for it, and an error leaves all as it
// was. Beside rows of the host's, all are looked at first, and then it is one
// transaction for every few hundred. Nodes with the schema of before should have
// stopped by then: what they write has the keys of before.
//
// Whenever a store opens, it has the database look through tables with Column.Key for
// rows without the right key, which it gives them, a few hundred at a time.
//
// An attribute that the schema has no more stays in the documents, as those do that
// [scim.KeepUnknown] keeps, until the resource is replaced. A value whose
// attribute loses its column is in the host's table only. Members of a type that
// the schema does not allow any more are none, in the library's own tables, and are
// members again if it does, unless a PATCH has replaced the list.
//
// What the library has beside the rows of one table is not taken for that of
// another's: while the former is there, Open refuses a mapping to the latter with
// the same Options.Prefix, and so it does a mapping of what has resources in the
// library's own tables, and another Table.ID, IDPrefix or Tenant for a table with
// resources.
//
// # Paging
//
// A page costs what is on it, at any depth: where a client walks by startIndex, the
// store remembers for two minutes behind which resource the next page begins, and
// the total of the first page, which holds for the walk. Another node, which does
// not remember, has the database count what comes before. A list that is sorted
// by the client's choice is counted through for each page.
//
// # Concurrency and durability
//
// A change is one short transaction that locks the resource first; in SQLite it
// begins as a writer. Members change by set statements, whatever the size of the
// group; who is to be one is not deleted meanwhile. In the library's tables of
// PostgreSQL, one statement creates a resource without members, and two change the
// members of a group: one reads, and one writes if the group still has the version
// that was read; if not, it is locked after all.
//
// In the library's tables, requests of one process that create resources of one type
// without members, or that add and remove members of one group, share a transaction
// if they come while another one is under way: what one of them is refused for does
// not concern the others.
//
// Transactions that lose against another one, reads of a database that is busy, and
// what PostgreSQL refuses once because the application has given a column another
// type, are run again, with pauses that grow and vary, and then answered 503 with
// Retry-After, as is a database that is gone, read-only or full. Where COMMIT has no
// answer, the store looks whether it has happened, and says 503 if it cannot know.
//
// Every statement is about one tenant, and foreign keys have the tenant. Nothing
// that a client sends is ever a part of a statement's text.
//
// All statements go to the one database that Open gets: it must be one that reads
// what it has written, never a replica that lags. SQLite needs PRAGMA synchronous
// FULL, its default, which Open checks; Open turns write-ahead logging on. A
// connection of the pool on which the store has written keeps PRAGMA foreign_keys
// = ON and PRAGMA busy_timeout = 5000, also for what the application does on it
// afterwards: the name of the data source should set both, so that all connections
// are alike. durability.md beside this file has the tests with kills and power cuts,
// and their results.
//
// # Databases
//
// Run in every test: SQLite (modernc.org/sqlite) and PostgreSQL 15 (pgx through
// database/sql). The SQL for PostgreSQL keeps to what CockroachDB and YugabyteDB
// support, without advisory locks, triggers, sequences and deferred constraints,
// and serialization failures are run again; it was not run there.
//
// PostgreSQL compiles long queries, and for filters with hundreds of conditions
// on lists that may take longer than to run them: connections should have jit off
// (options=-c%20jit%3Doff in the URL).
package sqlstore
