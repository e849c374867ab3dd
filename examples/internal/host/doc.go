// Package host is what the example applications have in common below and beside
// SCIM: a database, SQLite or PostgreSQL, who may come in, what is printed at the
// start, and a web server that ends cleanly. An application that exists has its
// own.
package host
