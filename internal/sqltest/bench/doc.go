// Package bench measures store/sqlstore against the bare statements of the same
// driver on the same pool:
//
//	go test ./internal/sqltest/bench -run xxx -bench . -benchtime 1x -v
//
// SCIMKIT_BENCH_USERS says how many users there are (5,000), SCIMKIT_BENCH_GROUPS
// how many groups of 100 users are provisioned (10). The databases are durable,
// and in temporary folders. The sides take turns of some milliseconds; what is
// said is the median of at least five ratios, the least and the most.
//
// # Figures
//
// Of two shared cores, so that only ratios mean something. With 1,000,000 users:
//
//	                                           SQLite  PostgreSQL 15
//	GET by id / bare SELECT                    1.24    1.62
//	userName eq / bare SELECT                  0.90    1.93
//	walk by startIndex, last page / first      0.97    1.01
//	with a filter, last page / second          0.96    1.05
//	create / bare INSERT                       2.78    2.09
//	member of a group of 10,000 / of 100       1.02    0.95
//	member of a group of 100,000 / of 100      1.04    0.97
//
// The bare INSERT has no comparison keys for filters, no key for e-mail addresses,
// no count. What else GET has over the bare SELECT is the user's groups, the
// indirect ones too.
//
// An initial sync of 10,000 users and 100 groups of 100 members (with
// SCIMKIT_BENCH_GROUPS=100), whose groups get their members one by one from 8
// clients at once, has 0.86 (SQLite) and 0.45 to 0.55 (PostgreSQL) of the requests a
// second of a server that does one bare statement for each request. Requests that meet
// share a transaction; in PostgreSQL the bare statements run side by side on both
// cores, while those of one group wait for each other.
//
// With 2,000 users, binary JSON against text:
//
//	                                           SQLite  PostgreSQL 15
//	read a document                            1.17    1.04
//	filter by an attribute without a column    0.31    0.06
//
// So the document, which SQL never looks into, is text, and the keys beside it,
// which filters are about, are binary.
package bench
