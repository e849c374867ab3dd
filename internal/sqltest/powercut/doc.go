// Package powercut cuts the power under SQLite: its file lies on a file system
// (FUSE, Linux) that knows what was synced, and at the cut loses what was not.
//
//	go test ./powercut -rounds=100 -v
package powercut
