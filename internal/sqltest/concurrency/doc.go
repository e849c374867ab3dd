// Package concurrency has many clients change the same users and groups at once,
// through several nodes, and compares what is stored in the end with what the
// answers allow: in the library's tables, and in those of an application, which
// changes them meanwhile, too.
//
//	go test ./concurrency -rounds=200
package concurrency
