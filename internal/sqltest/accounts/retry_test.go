package accounts

import (
	"context"
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
			a.exec(`CREATE TABLE users (id ` + typ + ` PRIMARY KEY, email text NOT NULL UNIQUE);` + once +
				`CREATE CONSTRAINT TRIGGER once AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION once();`)
			a.open(a.table(only(columns{"userName": {Name: "email"}}), func(t *sqlstore.Table) { t.IDPrefix = "u-" }))
			got := a.post(`"userName":"ann"`)
			a.says("POST", got, 201)
			a.is("the attempts", a.row("SELECT last_value FROM tries"), 2)
			a.is("the id", got.ID, "u-"+a.row("SELECT id FROM users"))
		})
	}
}

// TestAdoptAgain: while a row is adopted, before the attempt that counts, the
// application changes it or takes it away.
func TestAdoptAgain(t *testing.T) {
	tests := []struct{ name, application, want string }{
		{"changed", `UPDATE users SET first_name = 'New'`, "ann|New|Lee"},
		{"gone", `DELETE FROM users`, "ANN||Lee"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := onPostgreSQL(t)
			a.exec(`CREATE TABLE users (id text PRIMARY KEY, email text NOT NULL UNIQUE, first_name text, last_name text);
				INSERT INTO users VALUES ('7', 'ann', 'Old', 'Old');` + once + `CREATE TRIGGER once BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION once();`)
			sent := "ANN"
			if test.name == "changed" {
				sent = "ann"
			}
			asked, done := 0, make(chan error, 1)
			table := a.table(policy(sqlstore.AskHost), only(columns{"userName": {Name: "email"}, "name.givenName": {Name: "first_name"}, "name.familyName": {Name: "last_name"}}))
			table.Ask = func(_ context.Context, _, _ *scim.Resource) error {
				if asked++; asked == 1 {
					// It has to wait until this attempt has lost, and is done before
					// the next one sees the row: both want its lock, in this order.
					waiting := make(chan bool)
					go func() { done <- a.whileWaiting(test.application, waiting) }()
					<-waiting
				}
				return nil
			}
			a.open(table)
			a.says("POST", a.post(`"userName":"`+sent+`","name":{"familyName":"Lee"}`), 201)
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			a.is("the row", a.row("SELECT email, first_name, last_name FROM users"), test.want)
		})
	}
}
