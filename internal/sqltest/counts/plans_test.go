package counts

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/fill"
	"github.com/scimkit/scimkit/internal/sqltest/spy"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// plan is how the database goes about a statement.
func (n *node) plan(t *testing.T, call spy.Call) string {
	t.Helper()
	explain := "EXPLAIN "
	if n.dialect == sqlstore.SQLite {
		explain = "EXPLAIN QUERY PLAN "
	}
	rows, err := n.DB.Query(explain+call.Text, call.Args...)
	n.must(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	n.must(t, err)
	var plan strings.Builder
	for rows.Next() {
		line := make([]any, len(columns))
		for i := range line {
			line[i] = new(any)
		}
		n.must(t, rows.Scan(line...))
		fmt.Fprintln(&plan, *line[len(line)-1].(*any))
	}
	return plan.String()
}

// allOfTenant are lines of plans that read all of a table, or what a tenant has in it.
var allOfTenant = regexp.MustCompile(`Seq Scan on scim_|^SCAN (r|u|m|n|g|scim_\w+)( |$)|` +
	`^SEARCH (r|scim_resources) .*\(tenant=\?( AND type=\?)?\)$|` +
	`^Index Cond: \(\(?(r\.)?tenant = [^()]*\)?( AND \((r\.)?type = [^()]*\)\))?$`)

func scans(plan string) bool {
	for line := range strings.Lines(plan) {
		if allOfTenant.MatchString(strings.TrimSpace(line)) {
			return true
		}
	}
	return false
}

// TestPlans: no request about one resource, or about those with a value that
// clients look up by, reads all resources, whether the database has statistics or
// not yet. The controls do.
func TestPlans(t *testing.T) {
	for _, analyzed := range []bool{false, true} {
		t.Run(fmt.Sprint("analyzed ", analyzed), func(t *testing.T) { each(t, func(t *testing.T, e engine) { testPlans(t, e, analyzed) }) })
	}
}

func testPlans(t *testing.T, e engine, analyzed bool) {
	n := newNode(t, e)
	n.must(t, n.Users(t.Context(), n.users, 20_000))
	for i := range 800 {
		n.must(t, n.GroupOf(t.Context(), n.groups, fmt.Sprint("g", i), 1+20*i, 60)) // three groups a user
	}
	if analyzed {
		n.must(t, n.Analyze(t.Context()))
	}
	for _, tt := range []struct {
		request, body string
		scans         bool
	}{
		{"GET /Users/" + fill.ID(7), "", false},
		{"GET /Groups/g1", "", false},
		{`GET /Users?filter=userName+eq+"` + fill.UserName(7) + `"`, "", false},
		{`GET /Users?filter=externalId+eq+"ext-0000000007"`, "", false},
		{`GET /Users?filter=displayName+eq+"Babs+0000000007"`, "", false},
		{`GET /Users?filter=emails.value+eq+"babs.0000000007@jensen.example"`, "", false},
		{`GET /Users?filter=emails[type+eq+"home"+and+value+eq+"babs.0000000007@jensen.example"]`, "", false},
		{`GET /Users?filter=id+eq+"` + fill.ID(7) + `"`, "", false},
		{`GET /Users?filter=userName+sw+"user.0000000007"`, "", false},
		{`GET /Groups?filter=displayName+eq+"Group+g1"`, "", false},
		{`GET /Groups?filter=members.value+eq+"` + fill.ID(700) + `"`, "", false},
		{"PATCH /Users/" + fill.ID(7), patch(`{"op":"replace","path":"displayName","value":"Mira"}`), false},
		{"PATCH /Groups/g1", patch(`{"op":"add","path":"members","value":` + members(500, 20) + `}`), false},
		{"DELETE /Users/" + fill.ID(8), "", false},
		{`GET /Users?filter=title+eq+"nobody"`, "", true},
	} {
		if !analyzed && e.dialect == sqlstore.PostgreSQL && strings.Contains(tt.request, "+sw+") {
			continue // of a range, nobody knows whether it is small
		}
		rec, c := n.do(t, tt.request, tt.body)
		if rec.Code/100 != 2 {
			t.Errorf("%s: %s", tt.request, rec.Body)
		}
		found := ""
		for _, call := range c.statements {
			if plan := n.plan(t, call); scans(plan) {
				found += call.Text + "\n" + plan
			}
		}
		if (found != "") != tt.scans {
			t.Errorf("%s: reads all: %v\n%s", tt.request, found != "", found)
		}
	}
}
