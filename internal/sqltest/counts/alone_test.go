package counts

import (
	"errors"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// TestLostAnswer: where the one statement of a creation has no answer, the store
// looks whether it has happened.
func TestLostAnswer(t *testing.T) {
	lost := errors.New("test: the connection is gone")
	const user = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"mira"}`
	for _, tt := range []struct {
		name   string
		after  bool // it has happened
		always bool // whatever comes then fails, too
		status int
	}{
		{"done", true, false, 201},
		{"not done", false, false, 201},
		{"control: nobody can look", true, true, 503},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := newNode(t, engine{"PostgreSQL", sqlstore.PostgreSQL, "pgx", pgtest.URL})
			fired := 0
			fail := func(statement string) error {
				if strings.HasPrefix(statement, "WITH r AS") && fired == 0 || tt.always && fired > 0 {
					fired++
					return lost
				}
				return nil
			}
			if tt.after {
				n.spy.Fail(nil, fail)
			} else {
				n.spy.Fail(fail, nil)
			}
			rec, _ := n.do(t, "POST /Users", user)
			n.spy.Fail(nil, nil)
			if rec.Code != tt.status || fired == 0 {
				t.Errorf("status %d, want %d: %s", rec.Code, tt.status, rec.Body)
			}
			var users, counted int
			n.must(t, n.DB.QueryRow(`SELECT (SELECT count(*) FROM scim_resources), (SELECT sum(n) FROM scim_counts)`).Scan(&users, &counted))
			if users != 1 || counted != 1 {
				t.Errorf("%d users, counted %d, want one", users, counted)
			}
		})
	}
}
