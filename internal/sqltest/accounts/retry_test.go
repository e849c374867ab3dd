package accounts

import (
	"context"
	"runtime"
	"testing"

	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// once is a trigger by which the first statement on users of some kind loses
// against another transaction.
const once = `
CREATE SEQUENCE tries;
CREATE FUNCTION once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	IF nextval('tries') = 1 THEN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END IF;
	RETURN NEW; END $$;`

// TestAgain: a creation that runs again is what the client sent, and not what
// became of it before. (Transactions of SQLite lose before they do anything.)
func TestAgain(t *testing.T) {
	for _, typ := range []string{"text", "uuid"} {
		t.Run(typ, func(t *testing.T) {
			a := onPostgreSQL(t)
			a.exec(`CREATE TABLE users (id ` + typ + ` PRIMARY KEY, email text NOT NULL UNIQUE); CREATE INDEX users_email ON users (lower(email));` + once +
				`CREATE CONSTRAINT TRIGGER once AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION once();`)
			a.open(a.table(only(columns{"userName": {Name: "email"}}), func(t *sqlstore.Table) { t.IDPrefix = "u-" }))
			got := a.post(`"userName":"ann"`)
			a.says("POST", got, 201)
			a.is("the attempts", a.row("SELECT last_value FROM tries"), 2)
			a.is("the id", got.ID, "u-"+a.row("SELECT id FROM users"))
			a.is("the prefix in the column", a.row("SELECT count(*) FROM users WHERE CAST(id AS text) LIKE 'u-%'"), 0)
		})
	}
}

// TestAdoptAgain: while a row is adopted, before the attempt that counts, the
// application changes it or takes it away.
func TestAdoptAgain(t *testing.T) {
	tests := []struct {
		name, sent, application, want string
		asked                         int
	}{
		{"changed", "ann", `UPDATE users SET first_name = 'New'`, "ann|New|Lee", 2},
		{"gone", "ANN", `DELETE FROM users`, "ANN||Lee", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			// On a busy machine, the attempt that counts may come before the application.
			for range 5 {
				if asked, row := adoptAgain(t, test.sent, test.application); asked == test.asked {
					if row != test.want {
						t.Errorf("the row is %q, want %q", row, test.want)
					}
					return
				}
			}
			t.Errorf("the host was never asked %d times", test.asked)
		})
	}
}

// adoptAgain has a client create somebody whom the application has, which changes them
// meanwhile. It tells how often the host was asked, and what became of the row.
func adoptAgain(t *testing.T, sent, application string) (asked int, row string) {
	a := onPostgreSQL(t)
	a.exec(`CREATE TABLE users (id text PRIMARY KEY, email text NOT NULL UNIQUE, first_name text, last_name text); CREATE INDEX users_email ON users (lower(email));
		INSERT INTO users VALUES ('7', 'ann', 'Old', 'Old');` + once + `CREATE TRIGGER once BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION once();`)
	done := make(chan error, 1)
	table := a.table(policy(sqlstore.AskHost), only(columns{"userName": {Name: "email"}, "name.givenName": {Name: "first_name"}, "name.familyName": {Name: "last_name"}}))
	table.Ask = func(_ context.Context, _, _ *scim.Resource) error {
		if asked++; asked == 1 {
			// It waits for this attempt, which will lose, and the next one waits for it.
			go func() {
				_, err := a.db.Exec(application)
				done <- err
			}()
			for a.row("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == "0" {
				runtime.Gosched()
			}
		}
		return nil
	}
	a.open(table)
	a.says("POST", a.post(`"userName":"`+sent+`","name":{"familyName":"Lee"}`), 201)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	rows, err := a.db.Query("SELECT concat_ws('|', email, coalesce(first_name, ''), last_name) FROM users")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&row); err != nil {
			t.Fatal(err)
		}
	}
	return asked, row
}
