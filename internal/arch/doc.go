// Package arch keeps the architecture as tests: who may import whom, which
// modules a host gets, the listing of exported names, and that each of them is
// documented.
//
// testdata/api.txt lists the API, so that each change of it shows in a diff:
// go test ./internal/arch -update rewrites it.
package arch
