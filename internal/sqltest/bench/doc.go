// Package bench measures store/sqlstore against the bare statements of the same
// driver on the same pool.
package bench
