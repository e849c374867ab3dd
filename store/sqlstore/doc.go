// Package sqlstore keeps SCIM resources in a SQL database: in the tables of the
// host or in tables of its own.
package sqlstore
