// Package bench measures scimkit against a floor and a peer, side by side in
// one run:
//
//	go test -bench . ./internal/bench
//
// The floor is net/http writing the bytes and headers that scimkit answers,
// as constants. The peer is github.com/elimity-com/scim with a memory store:
// "elimity" is the best simple one, with an index wherever its interface lets
// a handler have one; "elimity, plain" is the one that its documentation leads
// to. Every side gets the same documents and runs in a process of its own, so
// that none pays for another's garbage. The sides take turns of a few
// milliseconds; a round is some turns of each, and the figures are the median
// and the quartiles of the ratios of at least five rounds. Time is the CPU time
// of the side's process.
//
// BenchmarkInProcess calls the handlers with one reused request and
// ResponseWriter. BenchmarkTCP has a server in each process and a client with
// one kept-alive connection in this one. BenchmarkGrowth compares scimkit with
// itself on more data. benchstat reads the ratios as metrics; b.N counts
// rounds.
//
// Where other programs keep the cores busy, one core for all processes
// (taskset -c 0) gives the calmest figures over TCP.
//
// One side alone, for a profile, in the process of the test itself:
//
//	go test ./internal/bench -bench InProcess/get$ -side scimkit -cpuprofile cpu.out
//
// The processes of all sides leave profiles in the folder that the environment
// variable SCIMKIT_BENCH_PROFILE names.
package bench
