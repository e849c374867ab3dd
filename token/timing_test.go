package token

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/scimkit/scimkit/scim"
)

// different is the |t| from which two classes of requests can be told apart.
const different = 4.5

// calls is how many calls of the server are timed: as many as S9 wants where
// SCIMKIT_TIMING is set. That needs a machine with nothing else to do; elsewhere
// there are a few, nothing is said of their time, and TestRefusalsAreAlike
// counts the work instead.
func calls() (n int, quiet bool) {
	if os.Getenv("SCIMKIT_TIMING") != "" {
		return 100_000, true
	}
	return 1000, false
}

// TestRefusalsAreAlikeInTime is the statistical form of S9: Welch's t of each
// class of refused requests against unknown tokens, where a Manager looks up
// each time and where it keeps what it found.
func TestRefusalsAreAlikeInTime(t *testing.T) {
	n, quiet := calls()
	for name, ttl := range map[string]time.Duration{"looked up": -1, "kept": time.Minute} {
		for class, x := range timing(t, n, func() *refusals { return newRefusals(t, Options{CacheTTL: ttl}) }) {
			if quiet && math.Abs(x) > different {
				t.Errorf("%s: unknown and %s differ: t = %.2f", name, class, x)
			}
		}
	}
}

// TestTimingSees is the control: the same measurement finds an early return, and
// a single HMAC too many.
func TestTimingSees(t *testing.T) {
	n, quiet := calls()
	for name, fault := range map[string]func(m *Manager, tenant string) bool{
		"early return": func(*Manager, string) bool { return true },
		"one HMAC more": func(m *Manager, tenant string) bool {
			m.keys[0].seal(tenant, m.nobody.id, m.nobody.secret)
			return false
		},
	} {
		ts := timing(t, n, func() *refusals {
			r := newRefusals(t, Options{CacheTTL: -1})
			r.server = serve(t, scim.AuthenticatorFunc(func(req *http.Request, tenant string) (scim.Principal, error) {
				if req.Header["Authorization"] == nil && fault(r.Manager, tenant) {
					return scim.Principal{}, scim.ErrUnauthorized
				}
				return r.Authenticate(req, tenant)
			}), nil)
			return r
		})
		if quiet && math.Abs(ts["missing"]) <= different {
			t.Errorf("%s: the measurement does not see it: t = %.2f", name, ts["missing"])
		}
	}
}

// timing gives Welch's t of unknown tokens and each other class. Only the call of
// the server is timed; the classes take turns in an order of chance, so that
// whatever else runs, runs for all. There are many servers one after the other,
// because where a token happens to lie in memory is no matter of its class.
func timing(t *testing.T, calls int, server func() *refusals) map[string]float64 {
	const each = 500 // of a class and a server
	sample, left := map[string][]float64{}, calls/len(classes)
	for ; left > 0; left -= each {
		r, requests := server(), map[string]*http.Request{}
		for _, class := range classes {
			requests[class] = httptest.NewRequest("GET", "/acme/Users", nil)
			requests[class].Header = http.Header{"User-Agent": {"Okta SCIM Client 1.0.0"}, "Accept": {"application/scim+json"}, "Accept-Encoding": {"gzip"}}
			if a := r.auth[class]; a != nil {
				requests[class].Header["Authorization"] = a
			}
		}
		for range min(left, each) {
			for _, i := range rand.Perm(len(classes)) {
				class := classes[i]
				w, req := httptest.NewRecorder(), requests[class]
				began := time.Now()
				r.server.ServeHTTP(w, req)
				sample[class] = append(sample[class], float64(time.Since(began)))
			}
		}
	}
	ts := map[string]float64{}
	for _, class := range classes {
		if class == "unknown" {
			continue
		}
		ts[class] = welch(sample["unknown"], sample[class])
		t.Logf("unknown and %s: t = %.2f, medians %.0f and %.0f ns", class, ts[class], median(sample["unknown"]), median(sample[class]))
	}
	return ts
}

// welch is Welch's t of two samples without their slowest twentieth, which is
// the machine's: the garbage collector, the scheduler and its neighbours.
func welch(a, b []float64) float64 {
	var mean, variance [2]float64
	for i, s := range [][]float64{a, b} {
		s = slices.Sorted(slices.Values(s))
		s = s[:len(s)*19/20]
		for _, x := range s {
			mean[i] += x / float64(len(s))
		}
		for _, x := range s {
			variance[i] += (x - mean[i]) * (x - mean[i]) / float64(len(s)-1) / float64(len(s))
		}
	}
	return (mean[0] - mean[1]) / math.Sqrt(variance[0]+variance[1])
}

func median(s []float64) float64 { return slices.Sorted(slices.Values(s))[len(s)/2] }

// TestWelch: against a calculation by hand; calls that were slow by chance say
// nothing.
func TestWelch(t *testing.T) {
	if got := fmt.Sprintf("%.4f", welch([]float64{1, 2, 3, 1e9}, []float64{4, 6, 8, 1e9})); got != "-3.0984" {
		t.Error(got)
	}
	sample := slices.Repeat([]float64{10, 12}, 50)
	slow := append(slices.Clone(sample), 1e9, 1e9, 1e9)
	if x := welch(slow, sample); math.Abs(x) > different {
		t.Errorf("equal: %v", x)
	}
	if x := welch(slow, slices.Repeat([]float64{12, 14}, 50)); math.Abs(x) <= different {
		t.Errorf("different: %v", x)
	}
}
