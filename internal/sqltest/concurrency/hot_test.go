package concurrency

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
	"github.com/scimkit/scimkit/internal/sqltest/rig"
	"github.com/scimkit/scimkit/internal/sqltest/spy"
	"github.com/scimkit/scimkit/store/sqlstore"
)

const (
	adders  = 32
	addings = 5 // of each

	// most is how many transactions the requests may need: SQLite may find its
	// file busy although it waits.
	most = adders * addings * 11 / 10
)

// TestHotGroup: 32 clients add members to a group of 100,000, by three nodes.
// Requests share transactions, wait for each other, and do not fail and run again.
// The application whose tables these may be adds some, too.
func TestHotGroup(t *testing.T) {
	test := func(t *testing.T, d rig.Database) {
		n := hotGroup(t, d, 3, rig.Less(100_000))
		t.Logf("%d transactions for %d requests", n, adders*addings)
		if n > most {
			t.Errorf("%d at most are no storm", most)
		}
	}
	t.Run("SQLite", func(t *testing.T) { test(t, sqlite(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, rig.PostgreSQL(pgtest.URL(t))) })
	mapped(t, test)
}

// TestHotGroupFindsRetries: the test sees the retries where transactions that
// meet fail, and each client has a node of its own.
func TestHotGroupFindsRetries(t *testing.T) {
	n := hotGroup(t, serializable(t), adders, 1000)
	t.Logf("%d transactions for %d requests", n, adders*addings)
	if n <= most {
		t.Error("no retries were found")
	}
}

// hotGroup adds members to a group that has n, by some nodes, and gives the number
// of transactions that were begun, or are one statement.
func hotGroup(t *testing.T, d rig.Database, nodeCount, n int) (begun int) {
	t.Helper()
	var nodes []*rig.Node
	var spies []*spy.Spy
	for range nodeCount {
		db, s := spy.Open(t, d.Driver(), d.DSN)
		db.SetMaxIdleConns(48 / nodeCount)
		nodes, spies = append(nodes, rig.Serve(t, d, rig.Config{DB: db})), append(spies, s)
	}
	id := nodes[0].Post("/Groups", rig.Group("hot")).Must(t).Resource().ID
	fill, table, joining := fill, rig.Prefix+"members", 0
	if d.Foreign {
		fill, table, joining = fillForeign, "team_members", n/1000
	}
	fill(t, d, id, n)
	users := makeUsers(t, nodes[0].Client, "new", adders*addings)
	for _, s := range spies {
		s.Statements()
	}
	together(adders+1, func(i int) {
		if i == adders {
			join(t, d, id, n, joining)
			return
		}
		for k := range addings {
			a := nodes[i%len(nodes)].Patch("/Groups/"+id, rig.Patch(rig.Add(users[addings*i+k])))
			if !a.OK() {
				t.Error(a)
			}
		}
	})
	for _, s := range spies {
		for _, text := range s.Statements() {
			if text == "BEGIN" || isSwap(text) {
				begun++
			}
		}
	}
	var members int
	err := nodes[0].DB.QueryRow(`SELECT count(*) FROM ` + table).Scan(&members)
	if want := n + adders*addings + joining; err != nil || members != want {
		t.Errorf("%d members, %v, want %d", members, err, want)
	}
	return begun
}

// fill makes users and puts them into a group.
func fill(t *testing.T, d rig.Database, group string, n int) {
	t.Helper()
	document := func(schema string) string {
		return `'{"schemas":["` + schema + `"],"id":"m' || n || '","userName":"m' || n || '"}'`
	}
	keys := "jsonb(" + document("urn:ietf:params:scim:schemas:core:2.0:user") + ")"
	if d.Dialect == sqlstore.PostgreSQL {
		keys = "CAST(" + document("urn:ietf:params:scim:schemas:core:2.0:user") + " AS jsonb)"
	}
	seq := fmt.Sprintf(`WITH RECURSIVE seq (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM seq WHERE n < %d) `, n)
	for _, query := range []string{
		`INSERT INTO scim_resources (tenant, type, id, doc, keys, name_key, display, version, created, modified) ` + seq +
			`SELECT '', 'User', 'm' || n, ` + document("urn:ietf:params:scim:schemas:core:2.0:User") + `, ` + keys + `, 'm' || n, 'm' || n, '1', 0, 0 FROM seq`,
		`INSERT INTO scim_members (tenant, list_type, list_id, member_type, member_id, place) ` + seq +
			`SELECT '', 'Group', '` + group + `', 'User', 'm' || n, n FROM seq`,
		fmt.Sprintf(`INSERT INTO scim_counts (tenant, type, part, n) VALUES ('', 'User', 99, %d)`, n),
	} {
		if _, err := d.Pool(t).Exec(query); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
}

// isSwap tells whether a statement changes a group and its members at once.
func isSwap(text string) bool { return strings.HasPrefix(text, "WITH u AS (UPDATE") }
