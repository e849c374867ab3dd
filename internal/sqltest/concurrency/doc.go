// Package concurrency has many clients change the same users and groups at once,
// through several nodes, and compares what is stored in the end with what the
// answers allow.
//
//	go test ./concurrency -rounds=200
package concurrency
