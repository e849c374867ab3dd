//go:build race

package filters

// share is the part of the questions that is asked: the race detector makes
// SQLite, which is Go here, many times slower.
const share = 20
