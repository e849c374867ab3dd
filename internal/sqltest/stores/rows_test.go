package stores

import (
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// withRows gives a test a user, 1, with a table of addresses that has more columns
// than SCIM has attributes, and to which another table refers.
func withRows(t *testing.T, test func(a *app, d sqlstore.Dialect)) {
	t.Helper()
	withRowsAnd(t, "", test)
}

// withRowsAnd is withRows with Table.Rest.
func withRowsAnd(t *testing.T, rest string, test func(a *app, d sqlstore.Dialect)) {
	t.Helper()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t), user: schema.UserType()}
			id := map[sqlstore.Dialect]string{sqlstore.SQLite: "INTEGER PRIMARY KEY AUTOINCREMENT", sqlstore.PostgreSQL: "bigserial PRIMARY KEY"}[e.dialect]
			err := openApp(t, e.dialect, a, strings.ReplaceAll(`
CREATE TABLE users (id {id}, email text NOT NULL UNIQUE, extra text); CREATE INDEX users_email ON users (lower(email));
CREATE TABLE addresses (id {id}, user_id bigint NOT NULL, address text NOT NULL, kind text, main boolean, verified text NOT NULL DEFAULT 'no');
CREATE UNIQUE INDEX one_main ON addresses (user_id) WHERE main;
CREATE TABLE confirmations (address_id bigint NOT NULL REFERENCES addresses (id));
INSERT INTO users (email) VALUES ('ann@example.com');
INSERT INTO addresses (user_id, address, kind, main, verified) VALUES (1, 'ann@example.com', 'work', true, '2020'), (1, 'home@example.com', 'home', NULL, '2021');
INSERT INTO confirmations VALUES (1)`, "{id}", id), sqlstore.Table{
				Type: a.user, Name: "users", ID: "id", Rest: rest, Existing: sqlstore.Adopt, Columns: map[string]sqlstore.Column{"userName": {Name: "email"}},
				Lists: map[string]sqlstore.List{"emails": {Table: "addresses", Owner: "user_id", Columns: map[string]string{"value": "address", "type": "kind", "primary": "main"}}},
			})
			if err != nil {
				t.Fatal(err)
			}
			test(a, e.dialect)
		})
	}
}

type mails = []any

func mail(value, kind string, more ...any) map[string]any {
	e := map[string]any{"value": value, "type": kind}
	for i := 0; i < len(more); i += 2 {
		e[more[i].(string)] = more[i+1]
	}
	return e
}

// rows are those of addresses, without the user.
func (a *app) rows() string {
	a.Helper()
	return a.cell("SELECT coalesce(string_agg(id || ' ' || address || ' ' || coalesce(kind, '-') || CASE WHEN main THEN ' main ' ELSE ' ' END || verified, ', ' ORDER BY id), '') FROM addresses")
}

// TestRowsStay: of a list that changes, rows of elements that stay are not touched,
// and an element that changes keeps its row.
func TestRowsStay(t *testing.T) {
	const ann, home = "1 ann@example.com work main 2020", "2 home@example.com home 2021"
	tests := []struct {
		name string
		list mails
		want string
	}{
		{"one more", mails{mail("ann@example.com", "work", "primary", true), mail("home@example.com", "home"), mail("new@example.com", "other")},
			ann + ", " + home + ", 3 new@example.com other no"},
		{"in another order", mails{mail("home@example.com", "home"), mail("ann@example.com", "work", "primary", true)}, ann + ", " + home},
		{"one less", mails{mail("ann@example.com", "work", "primary", true)}, ann},
		{"another type", mails{mail("ann@example.com", "work", "primary", true), mail("home@example.com", "other")}, ann + ", 2 home@example.com other 2021"},
		{"another value", mails{mail("ann@example.com", "work", "primary", true), mail("ann@home.example", "home")}, ann + ", 2 ann@home.example home 2021"},
		{"another one is primary", mails{mail("ann@example.com", "work"), mail("home@example.com", "home", "primary", true)},
			"1 ann@example.com work 2020, 2 home@example.com home main 2021"},
		{"a new one is primary", mails{mail("new@example.com", "other", "primary", true), mail("ann@example.com", "work"), mail("home@example.com", "home")},
			"1 ann@example.com work 2020, " + home + ", 3 new@example.com other main no"},
		{"quotes", mails{mail("ann@example.com", "work", "primary", true), mail(`"h\o'me"@example.com`, "home")}, ann + `, 2 "h\o'me"@example.com home 2021`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			withRows(t, func(a *app, d sqlstore.Dialect) {
				a.update("1", func(r *scim.Resource) error { return r.Set("emails", test.list) })
				a.is("the rows", a.rows(), test.want)
				a.update("1", func(r *scim.Resource) error { return r.Set("title", "Boss") })
				a.update("1", func(r *scim.Resource) error { return r.Set("emails", test.list) })
				a.is("the rows after the same once more", a.rows(), test.want)
			})
		})
	}
}

// TestRowsOfOdd: what SQL and JSON write in a way of their own is found again.
func TestRowsOfOdd(t *testing.T) {
	for _, odd := range []string{"\"a\\b\"@example.com", "tab\t<&>/@example.com", "\u2028é\x01😀@example.com", "''@example.com"} {
		t.Run(odd, func(t *testing.T) {
			withRows(t, func(a *app, d sqlstore.Dialect) {
				a.update("1", func(r *scim.Resource) error {
					return r.Set("emails", mails{mail("ann@example.com", "work"), mail(odd, "other")})
				})
				a.is("the address", a.cell("SELECT address FROM addresses WHERE kind = 'other'"), odd)
				a.update("1", func(r *scim.Resource) error {
					return r.Set("emails", mails{mail("ann@example.com", "work"), mail(odd, "home")})
				})
				a.update("1", func(r *scim.Resource) error { return r.Set("emails", mails{mail("ann@example.com", "work")}) })
				a.is("the rows", a.rows(), "1 ann@example.com work 2020")
			})
		})
	}
}

// TestRowsReferred: a row that the application refers to can change, not go.
func TestRowsReferred(t *testing.T) {
	withRows(t, func(a *app, d sqlstore.Dialect) {
		set := func(list mails) error {
			_, err := a.users.Update(a.Context(), "1", func(r *scim.Resource) error { return r.Set("emails", list) })
			return err
		}
		if err := set(mails{mail("ann@example.org", "work")}); err != nil {
			a.Error(err)
		}
		a.refusal("removing it", set(mails{mail("home@example.com", "home")}), 409, "The application still refers to an element of emails.")
		a.is("the rows", a.rows(), "1 ann@example.org work 2020")
	})
}

// TestRowsMeanwhile: what the application adds or changes while SCIM changes the
// list is there afterwards. SQLite has one writer.
func TestRowsMeanwhile(t *testing.T) {
	withRows(t, func(a *app, d sqlstore.Dialect) {
		if d == sqlstore.SQLite {
			return
		}
		n := 0
		meanwhile := func(do string) {
			a.update("1", func(r *scim.Resource) error {
				if n++; n == 1 {
					exec(a, a.db, do)
				}
				var u scim.User
				if err := r.Decode(&u); err != nil {
					return err
				}
				list := mails{mail("new@example.com", "other")}
				for _, e := range u.Emails {
					if e.Value != "new@example.com" {
						list = append(list, mail(e.Value, "x"+e.Type, "primary", e.Primary))
					}
				}
				return r.Set("emails", list)
			})
		}
		meanwhile("INSERT INTO addresses (user_id, address) VALUES (1, 'app@example.com')")
		a.is("the rows", a.rows(), "1 ann@example.com xwork main 2020, 2 home@example.com xhome 2021, 3 app@example.com - no, 4 new@example.com other no")
		a.is("how often it ran", strings.Repeat("I", n), "I")
		n = 0
		meanwhile("UPDATE addresses SET kind = 'private' WHERE id = 2")
		a.is("the rows", a.rows(), "1 ann@example.com xxwork main 2020, 2 home@example.com xprivate 2021, 3 app@example.com x no, 4 new@example.com other no")
		a.is("how often it ran", strings.Repeat("I", n), "II")
	})
}

// TestRowsBeside: a sub-attribute that has no column is kept with its element, as
// long as the application does not make another one of it.
func TestRowsBeside(t *testing.T) {
	for _, rest := range []string{"", "extra"} {
		t.Run("Rest "+rest, func(t *testing.T) { withRowsAnd(t, rest, testRowsBeside) })
	}
}

func testRowsBeside(a *app, _ sqlstore.Dialect) {
	emails := func() string {
		var u scim.User
		if err := a.get("1").Decode(&u); err != nil {
			a.Fatal(err)
		}
		var all []string
		for _, e := range u.Emails {
			all = append(all, e.Value+" "+e.Type+" "+e.Display)
		}
		return strings.Join(all, ", ")
	}
	set := func(list mails) {
		a.update("1", func(r *scim.Resource) error { return r.Set("emails", list) })
	}
	set(mails{mail("ann@example.com", "work", "display", "Ann"), mail("home@example.com", "home")})
	a.is("with one name", emails(), "ann@example.com work Ann, home@example.com home ")
	set(mails{mail("ann@example.com", "work", "display", "Ann"), mail("home@example.com", "home", "display", "Home")})
	a.is("with two", emails(), "ann@example.com work Ann, home@example.com home Home")
	a.is("the rows", a.rows(), "1 ann@example.com work 2020, 2 home@example.com home 2021")
	a.update("1", func(r *scim.Resource) error { return r.Set("title", "Boss") })
	exec(a, a.db, "UPDATE addresses SET kind = 'other' WHERE id = 1; UPDATE addresses SET address = 'x@example.com' WHERE id = 2")
	a.is("after the application's change", emails(), "ann@example.com other Ann, x@example.com home ")
	a.is("what is found by an old value", strings.Join(a.find(`emails.value eq "home@example.com"`), " "), "")
	exec(a, a.db, "DELETE FROM confirmations; DELETE FROM addresses")
	a.is("after it has removed all", emails(), "")
	r := a.new("bob@example.com")
	r.Set("emails", mails{mail("bob@example.com", "work", "display", "Bob")})
	if err := a.users.Create(a.Context(), r); err != nil {
		a.Fatal(err)
	}
	var u scim.User
	if err := r.Decode(&u); err != nil || len(u.Emails) != 1 || u.Emails[0].Display != "Bob" {
		a.Errorf("a new one has %v, %v", u.Emails, err)
	}
}

// TestRowsTwice: equal rows are one element.
func TestRowsTwice(t *testing.T) {
	withRows(t, func(a *app, d sqlstore.Dialect) {
		exec(a, a.db, "INSERT INTO addresses (user_id, address, kind) VALUES (1, 'home@example.com', 'home'), (1, 'empty@example.com', ''), (1, 'empty@example.com', NULL)")
		var u scim.User
		if err := a.get("1").Decode(&u); err != nil || len(u.Emails) != 3 {
			a.Errorf("the addresses are %v, %v", u.Emails, err)
		}
		a.update("1", func(r *scim.Resource) error {
			return r.Set("emails", mails{mail("ann@example.com", "work", "primary", true), mail("empty@example.com", "other")})
		})
		a.is("the rows", a.rows(), "1 ann@example.com work main 2020, 4 empty@example.com other no, 5 empty@example.com other no")
		a.update("1", func(r *scim.Resource) error {
			return r.Set("emails", mails{mail("ann@example.com", "work", "primary", true)})
		})
		a.is("the rows", a.rows(), "1 ann@example.com work main 2020")
	})
}

// TestRowsInOrder: the numbers in the column of List.Order stay as long as they are
// in order.
func TestRowsInOrder(t *testing.T) {
	withApp(t, existing(sqlstore.Adopt), func(a *app) {
		exec(a, a.db, "CREATE UNIQUE INDEX places ON user_phones (user_id, place); INSERT INTO user_phones (user_id, place, number) VALUES (1, 10, 'a'), (1, 20, 'b')")
		for _, test := range []struct{ numbers, want string }{
			{"a b c", "a 10, b 20, c 21"}, {"b c", "b 20, c 21"}, {"b x c", "b 0, x 1, c 2"}, {"c b", "c 3, b 4"}, {"c", "c 3"}, {"", ""}, {"z", "z 0"},
		} {
			a.update("u1", func(r *scim.Resource) error {
				list := []any{}
				for _, n := range strings.Fields(test.numbers) {
					list = append(list, map[string]any{"value": n})
				}
				return r.Set("phoneNumbers", list)
			})
			a.is("the rows of "+test.numbers, a.cell("SELECT coalesce(string_agg(number || ' ' || place, ', ' ORDER BY place), '') FROM user_phones"), test.want)
			var u scim.User
			if err := a.get("u1").Decode(&u); err != nil {
				a.Fatal(err)
			}
			var numbers []string
			for _, e := range u.PhoneNumbers {
				numbers = append(numbers, e.Value)
			}
			a.is("the numbers", strings.Join(numbers, " "), test.numbers)
		}
	})
}

// TestRowsVersion: the version of a user does not change with columns that are not
// mapped, in whatever order the database keeps rows.
func TestRowsVersion(t *testing.T) {
	withRows(t, func(a *app, d sqlstore.Dialect) {
		before := a.get("1")
		exec(a, a.db, "UPDATE addresses SET verified = '2026' WHERE id = 1")
		a.is("the version after an unmapped column has changed", a.get("1").Meta().Version, before.Meta().Version)
		exec(a, a.db, "UPDATE addresses SET kind = 'old' WHERE id = 1")
		if a.get("1").Meta().Version == before.Meta().Version {
			a.Error("the version is the same after a mapped column has changed")
		}
	})
}
