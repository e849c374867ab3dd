package tables

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scimkit/scimkit/internal/sqltest/spy"
	"github.com/scimkit/scimkit/store/sqlstore"
	"github.com/scimkit/scimkit/token/requestlog"
)

// later is the time of entry n.
func later(n int) time.Time { return time.UnixMicro(1_800_000_000_000_000 + int64(n)).UTC() }

// request is entry n.
func request(tenant string, authenticated bool, n int) requestlog.Entry {
	return requestlog.Entry{Time: later(n), Tenant: tenant, Authenticated: authenticated, Method: "GET", Path: fmt.Sprint("/", n), Status: 200}
}

// log opens a log that writes only when it is asked for entries, or closed.
func logOf(t testing.TB, s *sqlstore.Store, perTenant int) *sqlstore.RequestLog {
	l := s.RequestLog(sqlstore.RequestLogOptions{PerTenant: perTenant, Interval: time.Hour})
	t.Cleanup(func() {
		if err := l.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return l
}

// recent gives the entries of a tenant, the newest first.
func recent(t testing.TB, l requestlog.Log, tenant string, limit int) []requestlog.Entry {
	t.Helper()
	list, err := l.Recent(t.Context(), tenant, limit)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestRequestRoundTrip(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		_, s := e.opened(t, e.source(t))
		l := logOf(t, s, 0)
		want := requestlog.Entry{
			Time: later(7), Tenant: "Ünï 'x'; --", Method: "PATCH", Path: "/Users/1", Status: 409, ScimType: "uniqueness", Detail: "dup",
			Client: "Okta", Subject: "Id1", Quirks: []string{"a", "b \"c\""}, Duration: 1234567, Authenticated: true,
		}
		plain := request(want.Tenant, true, 6)
		odd := request(want.Tenant, true, 5)
		odd.Path, odd.Method, odd.Quirks = "a\x00b\xff", "\xff", []string{"\x00"}
		l.Add(t.Context(), odd)
		l.Add(t.Context(), plain)
		l.Add(t.Context(), want)
		odd.Path, odd.Method, odd.Quirks = "a\uFFFDb\uFFFD", "\uFFFD", []string{"\x00"}
		if diff := cmp.Diff([]requestlog.Entry{want, plain, odd}, recent(t, l, want.Tenant, 100)); diff != "" {
			t.Error(diff)
		}
		for _, tenant := range []string{"a\x00", "\xff"} {
			l.Add(t.Context(), request(tenant, true, 1))
		}
		if n := l.Dropped(); n != 2 {
			t.Errorf("%d dropped, want those of tenants that cannot be", n)
		}
		if list := recent(t, l, want.Tenant, -1); len(list) != 0 {
			t.Errorf("limit -1: %d entries", len(list))
		}
	})
}

// TestRequestsAsMemory: the log in the database keeps what requestlog.Memory
// does.
func TestRequestsAsMemory(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		ctx := t.Context()
		_, s := e.opened(t, e.source(t))
		l, m := logOf(t, s, 12), requestlog.NewMemory(requestlog.Options{PerTenant: 12})
		random := rand.New(rand.NewPCG(1, 2))
		for n := range 400 {
			tenant := fmt.Sprint("t", random.IntN(5))
			if random.IntN(10) == 0 {
				limit := random.IntN(30)
				if diff := cmp.Diff(recent(t, m, tenant, limit), recent(t, l, tenant, limit), equateEmpty); diff != "" {
					t.Fatalf("after %d, the last %d of %s:\n%s", n, limit, tenant, diff)
				}
			}
			entry := request(tenant, random.IntN(3) == 0 && tenant != "t4", n)
			l.Add(ctx, entry)
			m.Add(ctx, entry)
			if random.IntN(2) == 0 || !entry.Authenticated {
				recent(t, l, "other", 1) // has it written
			}
		}
	})
}

var equateEmpty = cmp.Transformer("empty", func(list []requestlog.Entry) []requestlog.Entry { return append([]requestlog.Entry{}, list...) })

// TestRequestsAreBounded: whoever sends how much, there are so many rows, and
// strangers push out nothing.
func TestRequestsAreBounded(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		ctx := t.Context()
		db, s := e.opened(t, e.source(t))
		l := logOf(t, s, 100)
		for n := range 100 {
			l.Add(ctx, request("acme", true, n))
		}
		recent(t, l, "acme", 1)
		for round := range 3 {
			for n := range 20_000 {
				l.Add(ctx, request(fmt.Sprint("made up ", n), false, n))
				l.Add(ctx, request("acme", false, 1000*round+n))
			}
			recent(t, l, "acme", 1)
		}
		for n := range 1000 {
			l.Add(ctx, request("busy", true, n))
		}
		recent(t, l, "busy", 1)
		var rows, tenants int
		err := db.QueryRow(`SELECT (SELECT count(*) FROM scim_requests), (SELECT count(*) FROM scim_request_rings)`).Scan(&rows, &tenants)
		if err != nil || rows != 210 || tenants != 2 {
			t.Errorf("%d rows of %d tenants, %v; want 210 of 2", rows, tenants, err)
		}
		var granted, refused int
		for _, entry := range recent(t, l, "acme", 1000) {
			if entry.Authenticated {
				granted++
			} else {
				refused++
			}
		}
		if granted != 100 || refused != 10 {
			t.Errorf("%d granted and %d refused ones, want 100 and 10", granted, refused)
		}
		if list := recent(t, l, "busy", 1000); len(list) != 100 || list[0].Path != "/999" || list[99].Path != "/900" {
			t.Errorf("%d entries, want the last 100", len(list))
		}
		if n := l.Dropped(); n < 50_000 {
			t.Errorf("%d dropped, want most of 60,000", n)
		}
	})
}

// TestRequestsOfTwoNodes: nodes that write at the same time share the rings.
func TestRequestsOfTwoNodes(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		source := e.source(t)
		var logs []*sqlstore.RequestLog
		for range 4 {
			_, s := e.opened(t, source)
			logs = append(logs, logOf(t, s, 50))
		}
		var wg sync.WaitGroup
		for node, l := range logs {
			wg.Go(func() {
				for n := range 100 {
					for _, tenant := range []string{"a", "b", "c"} {
						l.Add(t.Context(), request(tenant, true, 4*n+node))
					}
					if n%5 == 0 {
						recent(t, l, fmt.Sprint("other ", node), 1)
					}
				}
			})
		}
		wg.Wait()
		for _, l := range logs {
			recent(t, l, "a", 1)
		}
		for _, tenant := range []string{"a", "b", "c"} {
			seen := map[string]bool{}
			for _, entry := range recent(t, logs[0], tenant, 1000) {
				seen[entry.Path] = true
			}
			if len(seen) != 50 {
				t.Errorf("%s: %d entries, want 50", tenant, len(seen))
			}
		}
	})
}

// TestRequestStatements: what is written costs few statements, however much it
// is.
func TestRequestStatements(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		db, seen := spy.Open(t, e.driver, e.source(t))
		s, err := sqlstore.Open(t.Context(), db, e.dialect, sqlstore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		l := logOf(t, s, 128)
		for _, tt := range []struct{ entries, most int }{{1, 2}, {128, 2}, {100, 4}} {
			for n := range tt.entries {
				l.Add(t.Context(), request("acme", true, n))
			}
			seen.Statements()
			recent(t, l, "acme", 1)
			list := seen.Statements()
			n := 0
			for _, text := range list {
				if strings.HasPrefix(text, "INSERT") || strings.HasPrefix(text, "SELECT tenant FROM") {
					n++
				}
			}
			if n > tt.most {
				t.Errorf("%d entries: %d statements, want at most %d: %q", tt.entries, n, tt.most, list)
			}
		}
	})
}
