package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/examples/internal/exampletest"
	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/store/sqlstore"
)

const (
	user  = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%q,"externalId":%q,"active":true,"name":{"givenName":"New","familyName":"Name"}}`
	group = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":%q,"members":[{"value":%q},{"value":%q}]}`
	patch = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[%s]}`
)

// untouched is a digest of what SCIM must not touch.
func (s *server) untouched() string {
	s.t.Helper()
	hash := sha256.New()
	err := s.db.Read(s.t.Context(), func(tx *host.Tx) error {
		return tx.Rows(s.t.Context(), func(scan func(...any) error) error {
			var id int64
			var plan string
			err := scan(&id, &plan)
			fmt.Fprintln(hash, id, plan)
			return err
		}, `SELECT id, plan FROM users WHERE id <= $1 ORDER BY id`, s.People)
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return fmt.Sprintf("%x", hash.Sum(nil))
}

// TestProvisioning is what an identity provider does to an application that is
// in use: it looks for people, finds them, takes them over, adds others, changes
// teams, deactivates and reactivates. Plans stay what they were.
func TestProvisioning(t *testing.T) {
	s := start(t, 3000, sqlstore.Adopt)
	before := s.untouched()
	email := s.cell(`SELECT email FROM users WHERE id = 1000 AND disabled_at IS NOT NULL`)
	if got := s.total("/Users", `userName eq "`+strings.ToUpper(email)+`"`); got != 1 {
		t.Fatalf("there are %d people with the address %s", got, email)
	}
	if got := s.must("GET", "/Users?count=0", "")["totalResults"]; got != 3000.0 {
		t.Errorf("there are %v people", got)
	}
	made := s.must("POST", "/Users", fmt.Sprintf(user, email, "e-1000"))
	if made["id"] != "u1000" || made["externalId"] != "e-1000" {
		t.Errorf("the person was not adopted: %v", made)
	}
	if made["userName"] != email || s.cell(`SELECT email FROM users WHERE id = 1000`) != email {
		t.Errorf("the address was %s, and is that of %v", email, made)
	}
	if got := s.cell(`SELECT first_name || ' ' || last_name FROM users WHERE id = 1000 AND disabled_at IS NULL`); got != "New Name" {
		t.Errorf("the person is called %s", got)
	}
	if status, m := s.do("POST", "/Users", fmt.Sprintf(user, email, "e-1000")); status != 409 {
		t.Errorf("again: %d %v", status, m)
	}
	fresh := s.must("POST", "/Users", fmt.Sprintf(user, "new@acme.example", "e-new"))["id"].(string)
	if got := s.cell(`SELECT plan FROM users WHERE email = 'new@acme.example'`); got != "free" {
		t.Errorf("the plan of a new person is %s", got)
	}
	for id := 1; id <= 40; id++ { // people whom nobody has created are changed, too
		s.must("PATCH", fmt.Sprintf("/Users/u%d", id), fmt.Sprintf(patch, `{"op":"replace","path":"active","value":false},{"op":"replace","path":"name.familyName","value":"Changed"}`))
	}
	if got := s.cell(`SELECT count(*) FROM users WHERE id <= 40 AND disabled_at IS NOT NULL AND last_name = 'Changed'`); got != "40" {
		t.Errorf("%s of 40 people are deactivated", got)
	}
	s.must("PATCH", "/Users/u7", fmt.Sprintf(patch, `{"op":"replace","value":{"active":true}}`))
	if got := s.cell(`SELECT count(*) FROM users WHERE id = 7 AND disabled_at IS NULL`); got != "1" {
		t.Error("the person is not reactivated")
	}
	s.teams(fresh)
	if after := s.untouched(); after != before {
		t.Error("plans have changed")
	}
	s.must("DELETE", "/Users/"+fresh, "")
	if got := s.cell(`SELECT count(*) FROM users`); got != "3000" {
		t.Errorf("after DELETE there are %s people", got)
	}
}

// teams changes a team that is there, and makes another.
func (s *server) teams(person string) {
	s.t.Helper()
	name := s.cell(`SELECT name FROM teams WHERE id = 2`)
	before := s.cell(`SELECT count(*) FROM team_members WHERE team_id = 1`)
	s.must("PATCH", "/Groups/t1", fmt.Sprintf(patch, `{"op":"add","path":"members","value":[{"value":"`+person+`"}]}`))
	if got := s.cell(`SELECT count(*) - 1 FROM team_members WHERE team_id = 1`); got != before {
		s.t.Errorf("the team has %s + 1 members, and had %s", got, before)
	}
	if got := s.total("/Groups", `members.value eq "`+person+`"`); got != 1 {
		s.t.Errorf("the person is in %d teams", got)
	}
	made := s.must("POST", "/Groups", fmt.Sprintf(group, "New team", person, "u3"))
	if got := s.cell(`SELECT count(*) FROM team_members JOIN teams ON id = team_id WHERE name = 'New team'`); got != "2" {
		s.t.Errorf("the new team has %s members", got)
	}
	// Who is in a team that is adopted is for the client to say.
	taken := s.must("POST", "/Groups", fmt.Sprintf(group, strings.ToUpper(name), "u1", "u2"))
	if taken["id"] != "t2" || s.cell(`SELECT count(*) FROM team_members WHERE team_id = 2`) != "2" {
		s.t.Errorf("the team was not adopted: %v", taken)
	}
	s.must("DELETE", "/Groups/"+made["id"].(string), "")
}

// TestExisting: what becomes of people that are there, by policy.
func TestExisting(t *testing.T) {
	for _, tt := range []struct {
		policy           string
		visible          float64
		colleague, other int
	}{
		{"adopt", 50, 201, 201},
		{"refuse", 0, 409, 409},
		{"ask", 0, 201, 409},
	} {
		existing, err := parseExisting(tt.policy)
		if err != nil {
			t.Fatal(err)
		}
		s := start(t, 50, existing)
		if got := s.must("GET", "/Users?count=0", "")["totalResults"]; got != tt.visible {
			t.Errorf("%s: clients see %v people, want %v", tt.policy, got, tt.visible)
		}
		for domain, want := range map[string]int{company: tt.colleague, partner: tt.other} {
			email := s.cell(`SELECT min(email) FROM users WHERE email LIKE $1`, "%"+domain)
			if got, m := s.do("POST", "/Users", fmt.Sprintf(user, email, "e")); got != want {
				t.Errorf("%s: POST %s = %d %v, want %d", tt.policy, email, got, m, want)
			}
		}
	}
	if _, err := parseExisting("take"); err == nil {
		t.Error("a policy that there is not: no error")
	}
}

// TestPages: the application's own pages go on.
func TestPages(t *testing.T) {
	s := start(t, 250, sqlstore.Adopt)
	s.must("PATCH", "/Users/u1", fmt.Sprintf(patch, `{"op":"replace","path":"active","value":false},{"op":"replace","path":"name.givenName","value":"<b>Ada</b>"}`))
	for _, tt := range []struct{ path, has, not string }{
		{"/", "&lt;b&gt;Ada&lt;/b&gt; Abel", "<b>Ada"},
		{"/", "disabled", "Earlier"},
		{"/", "1 to 100 of 250", "person-101"},
		{"/?page=3", "201 to 250 of 250", "Later"},
		{"/?page=nonsense", "1 to 100 of 250", ""},
		{"/teams", "Sales Berlin", "Later"},
	} {
		status, body := s.page(tt.path, "secret")
		if status != 200 || !strings.Contains(body, tt.has) || tt.not != "" && strings.Contains(body, tt.not) {
			t.Errorf("GET %s = %d, without %q or with %q:\n%s", tt.path, status, tt.has, tt.not, body)
		}
	}
	if status, _ := s.page("/", "wrong"); status != 401 {
		t.Errorf("with a wrong password: %d", status)
	}
	if status, body := s.page("/style.css", ""); status != 200 || !strings.Contains(body, ".bar") {
		t.Errorf("GET /style.css = %d", status)
	}
}

// TestRun starts the application as a user does, twice over one database, which
// has the same people as every new one.
func TestRun(t *testing.T) {
	binary, db := exampletest.Build(t, "owntables"), exampletest.DB(t, filepath.Join(t.TempDir(), "o.db"))
	for range 2 {
		p := exampletest.Start(t, binary, "-db", db, "-token", fixed, "-people", "120")
		root, _, _ := strings.Cut(p.Values["base_url"], scimPath)
		s := &server{t: t, url: root}
		if got := s.total("/Users", `userName eq "ada.abel.1@acme.example" and active eq true`); got != 1 || s.total("/Users", "id pr") != 120 {
			t.Errorf("the first person is there %d times", got)
		}
		s.must("PATCH", "/Users/u2", fmt.Sprintf(patch, `{"op":"replace","path":"active","value":false}`))
		if status, body := s.page("/", p.Values["admin_password"]); status != 200 || !strings.Contains(body, "1 to 100 of 120") {
			t.Errorf("GET / = %d", status)
		}
		p.Stop()
	}
	for _, args := range [][]string{{"-existing", "take"}, {"-db", ""}, {"-db", "memory", "-addr", "no such address"}, {"-nonsense"}} {
		if err := run(t.Context(), args, io.Discard); err == nil {
			t.Errorf("run(%q) = nil, want an error", args)
		}
	}
}
