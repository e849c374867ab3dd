//go:build race

package rig

// Race tells that the race detector watches, under which SQLite takes ten times
// as long: tests then do less.
const Race = true
