package stores

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// keyTables are without the foreign keys {phones}, {team} and {user}.
const keyTables = `
CREATE TABLE people (id {id}, name text);
CREATE TABLE users (id {id}, number bigint UNIQUE, email text NOT NULL UNIQUE);
CREATE INDEX users_email ON users (lower(email));
CREATE TABLE phones (user_id bigint NOT NULL {phones}, n text, kind text {kind});
CREATE TABLE teams (id {id}, name text NOT NULL UNIQUE);
CREATE INDEX teams_name ON teams (lower(name));
CREATE TABLE team_members (team_id bigint NOT NULL {team}, user_id bigint NOT NULL {user}, PRIMARY KEY (team_id, user_id));`

// noMarks are the marks without anything.
var noMarks = []string{"{phones}", "", "{kind}", "", "{team}", "", "{user}", ""}

// withMarks is keyTables with other texts for marks and what else it has.
func withMarks(d sqlstore.Dialect, marks ...string) string {
	text := ddl(d, strings.NewReplacer(append(slices.Clone(marks), noMarks...)...).Replace(keyTables))
	return strings.ReplaceAll(text, "{trigger}", personTrigger[d])
}

// personTrigger makes a person of each user.
var personTrigger = map[sqlstore.Dialect]string{
	sqlstore.SQLite: "CREATE TRIGGER person AFTER INSERT ON users BEGIN INSERT INTO people (id) VALUES (NEW.id); END;",
	sqlstore.PostgreSQL: `CREATE FUNCTION person() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO people (id) VALUES (NEW.id); RETURN NULL; END';
		CREATE TRIGGER person AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION person();`,
}

const never = "no row can be added to the table "

// keyTests are foreign keys, and what Open says of them, nil if it takes them.
var keyTests = []struct {
	name   string
	marks  []string // what becomes of the marks in keyTables
	change func(u, g *sqlstore.Table)
	only   string // the database, if not both
	want   []string
	works  bool // rows can be added
}{
	{"control", []string{"{phones}", "REFERENCES users", "{team}", "REFERENCES teams", "{user}", "REFERENCES users (id)"}, nil, "", nil, true},
	{"without keys", nil, nil, "", nil, true},
	{"an owner that is a person", []string{"{team}", "REFERENCES people"}, nil, "",
		[]string{"members of Group: " + never + "team_members: its column team_id is for ids of the table teams, in id, and is a foreign key to the table ", "people, to id"}, false},
	{"a member that is a person", []string{"{user}", "REFERENCES people (id)"}, nil, "",
		[]string{never + "team_members: its column user_id is for ids of the table users, in id, and is a foreign key to the table ", "people, to id"}, false},
	{"a member by its number", []string{"{user}", "REFERENCES users (number)"}, nil, "", []string{"user_id is for ids of the table users, in id,", "users, to number"}, false},
	{"the columns the other way round", []string{"{team}", "REFERENCES teams", "{user}", "REFERENCES users"},
		func(_, g *sqlstore.Table) { g.Members.Owner, g.Members.Member = "user_id", "team_id" }, "", []string{never + "team_members: its column ", "_id is for ids of the table "}, false},
	{"a list of people", []string{"{phones}", "REFERENCES people"}, nil, "",
		[]string{"the attribute phoneNumbers, table phones: " + never + "phones: its column user_id is for ids of the table users, in id,", "people, to id"}, false},
	{"a table that is not there", []string{"{user}", "REFERENCES nobody"}, nil, "SQLite", []string{"its column user_id is a foreign key to what the database does not have, in the table nobody"}, false},
	{"a column that is not there", []string{"{user}", "REFERENCES users (nr)"}, nil, "SQLite", []string{"its column user_id is a foreign key to what the database does not have, in the table users"}, false},

	{"users that are people", []string{"{user}", "REFERENCES people", "(id {id}, number", "(id {id} REFERENCES people, number"}, nil, "", nil, false},
	{"people that are users", []string{"{user}", "REFERENCES people", "(lower(name));", "(lower(name)); ALTER TABLE people ADD FOREIGN KEY (id) REFERENCES users;"}, nil, "PostgreSQL", nil, false},
	{"people that the application numbers", []string{"{user}", "REFERENCES people", "people (id {id}", "people (id bigint PRIMARY KEY"}, nil, "", nil, false},
	{"people that may be numbered", []string{"{user}", "REFERENCES people", "people (id {id}", "people (id INTEGER PRIMARY KEY"}, nil, "SQLite", nil, false},
	{"people by a trigger", []string{"{user}", "REFERENCES people", "(lower(name));", "(lower(name)); {trigger}"}, nil, "", nil, true},
	{"users of whom one is a part", []string{"{user}", "REFERENCES people", "(lower(name));", "(lower(name)); CREATE TABLE staff () INHERITS (people);"}, nil, "PostgreSQL", nil, false},
	{"a key with another column", []string{", kind", ", nr bigint, kind", "{kind}", ", FOREIGN KEY (user_id, nr) REFERENCES people (id, nr)", "people (id {id}, name text", "people (id {id}, name text, nr bigint, UNIQUE (id, nr)"}, nil, "", nil, true},
}

// TestRefusedKeys: a table to which the library can never add a row is refused. Where
// it might be able to, it is not.
func TestRefusedKeys(t *testing.T) {
	for _, e := range engines {
		for _, tt := range keyTests {
			if tt.only != "" && tt.only != e.name {
				continue
			}
			t.Run(e.name+"/"+tt.name, func(t *testing.T) {
				a := &app{T: t, db: e.open(t), user: schema.UserType(), group: schema.GroupType()}
				tables := plainMapping(a.user, a.group)
				u, g := &tables[0], &tables[1]
				u.Columns = map[string]sqlstore.Column{"userName": {Name: "email"}}
				u.Lists = map[string]sqlstore.List{"phoneNumbers": {Table: "phones", Owner: "user_id", Columns: map[string]string{"value": "n"}}}
				if tt.change != nil {
					tt.change(u, g)
				}
				with := withMarks(e.dialect, tt.marks...)
				exec(t, a.db, with)
				_, err := a.open(e.dialect, sqlstore.Options{Tables: tables})
				if !says(t, err, tt.want...) {
					return
				}
				if err != nil { // without the keys it opens; with them, nothing can be added, as was said
					const drop = "DROP TABLE phones; DROP TABLE team_members;"
					exec(t, a.db, drop+ofJoins(withMarks(e.dialect)))
					a.mustOpen(e.dialect, sqlstore.Options{Tables: tables})
					exec(t, a.db, drop+ofJoins(with))
				}
				if tt.want != nil || tt.works {
					a.writes(tt.works)
				}
			})
		}
	}
}

// ofJoins are the statements of keyTables that make the tables of lists and members.
func ofJoins(text string) string {
	return strings.Join(regexp.MustCompile(`(?m)^CREATE TABLE (phones|team_members) .*$`).FindAllString(text, -1), "")
}

// writes tells whether users with numbers and groups with members can be made. The
// ids of both differ.
func (a *app) writes(works bool) {
	a.Helper()
	exec(a, a.db, "INSERT INTO teams (name) VALUES ('one'), ('two'); INSERT INTO users (email) VALUES ('ann@example.com')")
	r, err := scim.ParseResource(a.user, []byte(`{"userName":"bob@example.com","phoneNumbers":[{"value":"1"}]}`))
	if err == nil {
		err = a.users.Create(a.Context(), r)
	}
	if _, member := a.createGroup("Staff", "1"); err == nil {
		err = member
	}
	if works != (err == nil) {
		a.Errorf("a user with a number, and a group with a member: %v", err)
	}
}

// TestTaken: an error blames the attribute whose value is there already, whatever the
// table and the columns are called.
func TestTaken(t *testing.T) {
	for _, e := range engines {
		for name, tt := range map[string]struct{ unique, where, want string }{
			"another attribute":         {"nick text UNIQUE, email text UNIQUE", "", "nickName"},
			"by an expression":          {"nick text, email text UNIQUE); CREATE UNIQUE INDEX email_nick ON email_accounts (lower(nick)", "", "nickName"},
			"of two columns":            {"nick text, email text UNIQUE); CREATE UNIQUE INDEX email_nick ON email_accounts (nick, coalesce(kind, '')", "", ""},
			"of one that Where fixes":   {"nick text, email text UNIQUE); CREATE UNIQUE INDEX email_nick ON email_accounts (kind, nick", "t.kind = 'human'", "nickName"},
			"that of the application's": {"nick text, email text UNIQUE); CREATE UNIQUE INDEX email_accounts_kind ON email_accounts (coalesce(kind, 'email')", "", ""},
		} {
			t.Run(e.name+"/"+name, func(t *testing.T) {
				a := &app{T: t, db: e.open(t), user: schema.UserType()}
				table := peopleOf(a.user)
				table.Name, table.Columns["nickName"] = "email_accounts", sqlstore.Column{Name: "nick"}
				table.Where = tt.where
				if tt.where != "" {
					table.Fixed = map[string]any{"kind": "human"}
				}
				if err := openApp(t, e.dialect, a, ddl(e.dialect, "CREATE TABLE email_accounts (id {id}, kind text, "+tt.unique+"); CREATE INDEX by_name ON email_accounts (lower(email))"), table); err != nil {
					t.Fatal(err)
				}
				a.parse(`{"userName":"ann","nickName":"x"}`)
				r, err := scim.ParseResource(a.user, []byte(`{"userName":"bob","nickName":"x"}`))
				if err != nil {
					t.Fatal(err)
				}
				want := scim.ErrConflict
				if tt.want != "" {
					want = scim.Conflict(tt.want)
				}
				if err := a.users.Create(t.Context(), r); err == nil || err.Error() != want.Error() {
					t.Errorf("a second one: %v, want %v", err, want)
				}
			})
		}
	}
}
