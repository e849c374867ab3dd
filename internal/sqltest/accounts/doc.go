// Package accounts holds what becomes of an application's accounts when clients
// write them, as requests go over the wire.
package accounts
