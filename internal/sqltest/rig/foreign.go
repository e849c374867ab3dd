package rig

import (
	"database/sql"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/scimkit/scimkit/internal/sqltest/foreign"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// On gives the database with the tables of an application, package foreign, in
// which nodes keep resources from then on. Rows of the application's are adopted.
func (d Database) On(t testing.TB) Database {
	t.Helper()
	d.Foreign = true
	if _, err := d.Pool(t).Exec(foreign.Tables(d.Dialect, foreign.Numbers)); err != nil {
		t.Fatal(err)
	}
	return d
}

// mapping is that of package foreign, but for externalId: a user is partly in
// the application's tables and partly beside them, so that half a change shows.
func mapping(users, groups *schema.ResourceType, c Config) []sqlstore.Table {
	existing := sqlstore.Adopt
	if c.Ask != nil {
		existing = sqlstore.AskHost
	}
	tables := foreign.Mapping(foreign.Numbers, users, groups, existing)
	for i := range tables {
		tables[i].Ask = c.Ask
	}
	delete(tables[0].Columns, "externalId")
	return tables
}

// foreignRules are as rules, for an application's tables and what is beside them.
var foreignRules = []struct{ name, query string }{
	{"a row beside none", `SELECT r.id FROM {p}resources r
		WHERE NOT (r.type = 'User' AND r.id IN (SELECT 'u' || u.id FROM users u)) AND NOT (r.type = 'Group' AND r.id IN (SELECT 't' || g.id FROM teams g))`},
	{"a name and another key", `SELECT u.login FROM users u JOIN {p}resources r ON r.type = 'User' AND r.id = 'u' || u.id WHERE r.name_key <> u.login_key
		UNION ALL SELECT g.name FROM teams g JOIN {p}resources r ON r.type = 'Group' AND r.id = 't' || g.id WHERE r.name_key <> g.name_key`},
	{"an address of a user who is not there", `SELECT e.address FROM user_emails e WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = e.user_id AND u.org = e.org)`},
	{"a member that dangles", `SELECT m.team_id || ' has ' || m.user_id FROM team_members m
		WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = m.user_id AND u.org = m.org)`},
	{"members of a group that is not there", `SELECT m.team_id || ' has ' || m.user_id FROM team_members m
		WHERE NOT EXISTS (SELECT 1 FROM teams g WHERE g.id = m.team_id AND g.org = m.org)`},
	{"one name twice", `SELECT login_key FROM users GROUP BY org, login_key HAVING count(*) > 1`},
}

// An Application writes to its tables by itself, while nodes do. Its users and
// teams are named by their SCIM ids. What it did is told as a node would.
type Application struct {
	d  Database
	db *sql.DB
}

// Application is the one whose tables these are.
func (d Database) Application(t testing.TB) *Application {
	t.Helper()
	if d.Dialect == sqlstore.SQLite {
		d = d.With("_pragma=foreign_keys(1)&_txlock=immediate")
	}
	return &Application{d, d.Pool(t)}
}

// Hire makes a user: 201, or 409 if there is one with the name.
func (a *Application) Hire(name, content string) Answer {
	return a.do(func(tx *sql.Tx) (Answer, error) {
		id := 0
		err := tx.QueryRow(`INSERT INTO users (org, login, login_key, label, label_key) VALUES ('`+foreign.Org+`', $1, $2, $3, $4) RETURNING id`,
			name, name, content, content).Scan(&id)
		if err == nil {
			_, err = tx.Exec(`INSERT INTO user_emails (org, user_id, place, address) VALUES ('`+foreign.Org+`', $1, 1, $2)`, id, content+"@example.com")
		}
		return Answer{Status: http.StatusCreated, Body: []byte(JSON(map[string]string{"id": "u" + strconv.Itoa(id)}))}, err
	})
}

// Upgrade counts up a user's plan: 204, or 404 if the user is not there.
func (a *Application) Upgrade(user string) Answer {
	return a.do(func(tx *sql.Tx) (Answer, error) {
		res, err := tx.Exec(`UPDATE users SET plan = plan + 1 WHERE id = $1`, key(user))
		if err != nil {
			return Answer{}, err
		}
		n, err := res.RowsAffected()
		if n == 0 {
			return Answer{Status: http.StatusNotFound}, err
		}
		return Answer{Status: http.StatusNoContent}, err
	})
}

// Plan reads what Upgrade has counted.
func (a *Application) Plan(user string) (n int, err error) {
	err = a.db.QueryRow(`SELECT plan FROM users WHERE id = $1`, key(user)).Scan(&n)
	return n, err
}

// Join makes a user a member of a team: 204, or 400 if one of them is not there.
// Leave is the other way.
func (a *Application) Join(user, team string) Answer {
	return a.do(func(tx *sql.Tx) (Answer, error) {
		_, err := tx.Exec(`INSERT INTO team_members (org, team_id, user_id) VALUES ('`+foreign.Org+`', $1, $2) ON CONFLICT DO NOTHING`, key(team), key(user))
		return Answer{Status: http.StatusNoContent}, err
	})
}

func (a *Application) Leave(user, team string) Answer {
	return a.do(func(tx *sql.Tx) (Answer, error) {
		_, err := tx.Exec(`DELETE FROM team_members WHERE org = '`+foreign.Org+`' AND team_id = $1 AND user_id = $2`, key(team), key(user))
		return Answer{Status: http.StatusNoContent}, err
	})
}

// key is that of a row with a SCIM id.
func key(id string) int {
	n, _ := strconv.Atoi(id[1:])
	return n
}

// do runs a transaction, again if another one was in its way, after a pause as
// applications make it.
func (a *Application) do(f func(tx *sql.Tx) (Answer, error)) (answer Answer) {
	for try := range 100 {
		time.Sleep(rand.N(time.Duration(min(try, 20))*time.Millisecond + 1))
		err := a.once(func(tx *sql.Tx) (err error) {
			answer, err = f(tx)
			return err
		})
		switch {
		case err == nil:
			return answer
		case says(err, "23505", "UNIQUE constraint failed"):
			return Answer{Status: http.StatusConflict}
		case says(err, "23503", "FOREIGN KEY constraint failed"):
			return Answer{Status: http.StatusBadRequest}
		case !says(err, "40001", "40P01", "SQLITE_BUSY"):
			return Answer{Err: err}
		}
		answer = Answer{Err: err}
	}
	return answer
}

func (a *Application) once(f func(tx *sql.Tx) error) error {
	tx, err := a.db.Begin()
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// says tells whether the text of err has one of some phrases.
func says(err error, phrases ...string) bool {
	return slices.ContainsFunc(phrases, func(p string) bool { return strings.Contains(err.Error(), p) })
}
