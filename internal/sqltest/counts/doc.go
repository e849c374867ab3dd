// Package counts holds what requests may cost, as counts: statements,
// transactions, and the indexes that they go by.
package counts
