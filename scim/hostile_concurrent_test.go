package scim_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/scimkit/scimkit/scim"
)

// TestTenantsShareNothing: two tenants at once, with resources of the same ids
// and sizes. The server uses memory of one request for the next; nothing of it
// may show.
func TestTenantsShareNothing(t *testing.T) { bothStores(t, testTenantsShareNothing) }

func testTenantsShareNothing(t *testing.T, newTenancy func() *tenancy) {
	ten := newTenancy()
	s := ten.server(t, scim.Config{BaseURL: "https://scim.example/{tenant}"})
	before := ten.rows()
	var all sync.WaitGroup
	for worker := range 4 {
		mine, other := tenantNames[worker%2], tenantNames[(worker+1)%2]
		all.Go(func() {
			for i := range 40 {
				m := marker(mine)
				for _, rq := range []assignment{
					{"POST", "/Users", userBody(fmt.Sprintf("u%d-%d@%s", worker, i, mine), `"displayName":"`+strings.Repeat(m, 1+i%20)+`"`)},
					{"PATCH", "/Users/" + aliceID, patchBody(`{"op":"replace","path":"nickName","value":"` + strings.Repeat(m, 1+i%20) + `"}`)},
					{"PUT", "/Users/" + bobID, userBody("bob@"+mine, `"title":"`+strings.Repeat(m, 1+i%7)+`"`)},
					{"PATCH", "/Groups/" + groupID, patchBody(`{"op":"add","path":"members","value":[{"value":"`+bobID+`"}]}`, `{"op":"replace","path":"displayName","value":"`+m+`"}`)},
					{"PATCH", "/Users/" + aliceID, patchBody(`{"op":"replace","path":"nickName","value":1}`)},
					{"PATCH", "/Users/" + aliceID, `{"Operations":[`},
					{"GET", "/Users/" + aliceID + "?attributes=displayName", ""},
					{"GET", "/Users?filter=displayName%20co%20%22marker%22", ""},
					{"GET", "/Groups/" + groupID, ""},
				} {
					a := ask(s, rq.method, "/"+mine+rq.path, rq.body, "Authorization", "Bearer token-"+mine)
					if all := string(a.body) + fmt.Sprint(a.header); strings.Contains(all, marker(other)) || strings.Contains(all, "/"+other) {
						t.Errorf("%s %s of %s: %s", rq.method, rq.path, mine, a.body)
					}
					if f := a.fault(rq.method); f != "" || a.status >= 500 {
						t.Errorf("%s %s: %d %s", rq.method, rq.path, a.status, f)
					}
				}
			}
		})
	}
	all.Wait()
	after := ten.rows()
	if len(after) != len(before)+4*40 {
		t.Errorf("%d rows, want %d", len(after), len(before)+4*40)
	}
	for row, data := range after {
		mine, _, _ := strings.Cut(row, "/")
		for _, other := range tenantNames {
			if other != mine && strings.Contains(data, marker(other)) {
				t.Errorf("%s holds %s", row, data)
			}
		}
	}
}

// TestDiscoveryForStrangers: discovery documents are kept for every base URL,
// and with PublicDiscovery anybody makes base URLs up. What is kept has a
// bound.
func TestDiscoveryForStrangers(t *testing.T) {
	ten := newTenancy(t)
	s := ten.server(t, scim.Config{PublicDiscovery: true})
	ask := func(i int) {
		r := httptest.NewRequest("GET", fmt.Sprintf("/%s%d/ServiceProviderConfig", strings.Repeat("x", 500), i), nil)
		r.Host = fmt.Sprintf("h%d.example", i)
		if a := serve(s, r); a.status != http.StatusOK || a.fault("GET") != "" {
			t.Fatalf("%d %s", a.status, a.fault("GET"))
		}
	}
	held := func(n int) uint64 {
		before := heap()
		for i := range n {
			ask(i)
		}
		return heap() - min(before, heap())
	}
	ask(-1)
	if h := held(1000); h > 4<<20 {
		t.Errorf("1,000 base URLs hold %d bytes", h)
	}
}

// heap is what is in use after a collection.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
