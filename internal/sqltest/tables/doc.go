// Package tables tests the library's own tables on both databases: how they are
// migrated, the tokens and the log of requests.
package tables
