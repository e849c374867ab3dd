package stores

import (
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

const more = "urn:example:more"

// withMore are users with an attribute of every type.
func withMore() *schema.ResourceType {
	t := schema.UserType()
	t.Extensions = append(t.Extensions, schema.Extension{Schema: &schema.Schema{ID: more, Name: "More", Attributes: []schema.Attribute{
		{Name: "text"}, {Name: "exact", CaseExact: true}, {Name: "bin", Type: schema.Binary}, {Name: "uri", Type: schema.Reference, ReferenceTypes: []string{"uri"}},
		{Name: "flag", Type: schema.Boolean}, {Name: "int", Type: schema.Integer}, {Name: "dec", Type: schema.Decimal}, {Name: "at", Type: schema.DateTime},
	}}})
	return t
}

// samples are values of each attribute, and literals to compare them with.
var samples = map[string][]string{
	"text":  {`"ann"`, `"Ann"`, `"bob smith"`, `"1"`, `"%"`, `"o'neil"`},
	"exact": {`"ann"`, `"Ann"`, `"bob smith"`, `"1"`},
	"bin":   {`"YW5u"`, `"Ym9i"`},
	"uri":   {`"https://example.com/a"`, `"https://example.com/A"`},
	"flag":  {"true", "false"},
	"int":   {"0", "-1", "1", "9", "10", "120", "-129", "40000", "3000000000", "9007199254740993", "9223372036854775807"},
	"dec":   {"0", "-1.5", "1", "2.5", "0.1", "10", "9", "123456.25", "0.30000000000000004"},
	"at": {`"2020-09-13T12:26:40Z"`, `"2020-09-13T12:26:40.5Z"`, `"2020-09-13T12:26:40.123456Z"`, `"2020-09-13T22:30:00Z"`, `"2020-09-14T00:00:00Z"`, `"2020-09-13T00:00:00Z"`,
		`"1969-12-31T23:59:59.75Z"`, `"1970-01-01T00:00:00Z"`, `"2038-01-19T03:14:08Z"`, `"2020-03-29T02:30:00Z"`},
}

// forms are the columns for each attribute, by the engine, in the form that they
// are declared to have.
var forms = []struct {
	attribute string
	form      sqlfilter.Form
	types     map[sqlstore.Dialect][]string
	refused   map[sqlstore.Dialect][]string
}{
	{"text", sqlfilter.Auto, both("text,varchar(20),char(20),label", "TEXT,varchar(20),,TEXT COLLATE NOCASE"), both("int,uuid,bytea,timestamptz,jsonb", "INTEGER,REAL,DATETIME,BOOLEAN")},
	{"text", sqlfilter.Text, both("text", "TEXT"), both("int", "INTEGER")},
	{"text", sqlfilter.Key, both(`text COLLATE "C",text,varchar(20)`, "TEXT"), both("int", "INTEGER")},
	{"text", sqlfilter.Opaque, nil, both("text", "TEXT")},
	{"text", sqlfilter.Boolean, nil, both("boolean,text", "BOOLEAN,TEXT")},
	{"text", sqlfilter.UnixMicros, nil, both("bigint", "INTEGER")},
	{"exact", sqlfilter.Auto, both("text,varchar(20)", "TEXT,TEXT COLLATE NOCASE"), both("int", "INTEGER")},
	{"exact", sqlfilter.Key, both("text", "TEXT"), nil},
	{"bin", sqlfilter.Auto, both("text", "TEXT"), both("bytea", "INTEGER")},
	{"bin", sqlfilter.Key, both("text", "TEXT"), nil},
	{"uri", sqlfilter.Auto, both("text", "TEXT"), both("int", "INTEGER")},
	{"uri", sqlfilter.Key, both("text", "TEXT"), nil},
	{"flag", sqlfilter.Auto, both("boolean,smallint,integer,bigint,numeric(3,2),real", "BOOLEAN,INTEGER,REAL,NUMERIC,tinyint"), both("text,timestamptz", "TEXT,DATETIME")},
	{"flag", sqlfilter.Boolean, both("boolean,integer", "BOOLEAN,INTEGER"), both("text", "TEXT")},
	{"flag", sqlfilter.Key, nil, both("text,boolean", "TEXT,BOOLEAN")},
	{"int", sqlfilter.Auto, both("smallint,integer,bigint,number,numeric,numeric(20,2)", "INTEGER,bigint,NUMERIC,"), both("text,boolean,timestamptz,double precision,real", "TEXT,varchar(9),DATETIME,REAL")},
	{"int", sqlfilter.Number, both("bigint", "INTEGER"), both("text", "TEXT")},
	{"int", sqlfilter.Key, nil, both("text,bigint", "TEXT,INTEGER")},
	{"int", sqlfilter.UnixSeconds, nil, both("bigint", "INTEGER")},
	{"dec", sqlfilter.Auto, both("numeric,numeric(20,4),double precision,real", "NUMERIC,REAL,DECIMAL(20,4),,INTEGER"), both("text,integer", "TEXT")},
	{"dec", sqlfilter.Number, both("numeric", "NUMERIC"), both("text", "TEXT")},
	{"at", sqlfilter.Auto, both("timestamptz,timestamp,timestamp(3),date,timestamptz(0),bigint,integer", "DATETIME,TIMESTAMP,TEXT,,INTEGER,date"), both("text,boolean,numeric,real,time", "BOOLEAN,REAL,NUMERIC")},
	{"at", sqlfilter.Time, both("timestamptz,timestamp,date", "DATETIME,TEXT,"), both("bigint,text", "INTEGER,REAL")},
	{"at", sqlfilter.UnixSeconds, both("bigint,integer", "INTEGER,bigint,"), both("timestamptz,timestamp,text,numeric,double precision", "TEXT,DATETIME,BOOLEAN")},
	{"at", sqlfilter.UnixMicros, both("bigint", "INTEGER,bigint,"), both("timestamptz,date,text", "TEXT,varchar(20),DATETIME")},
	{"at", sqlfilter.Key, nil, both("text,bigint", "TEXT,INTEGER")},
	{"at", sqlfilter.Number, nil, both("bigint", "INTEGER")},
}

// both are types of PostgreSQL and SQLite, between commas outside of parentheses.
func both(postgres, lite string) map[sqlstore.Dialect][]string {
	split := func(list string) []string {
		return strings.Split(regexp.MustCompile(`\((\d+),(\d+)\)`).ReplaceAllString(list, "($1;$2)"), ",")
	}
	return map[sqlstore.Dialect][]string{sqlstore.PostgreSQL: split(postgres), sqlstore.SQLite: split(lite)}
}

// elsewhere opens a database of an application that is not in UTC.
func elsewhere(t *testing.T, d sqlstore.Dialect) *sql.DB {
	if d == sqlstore.SQLite {
		return sqliteFile(t)
	}
	db, err := sql.Open("pgx", pgtest.URL(t)+"&timezone=Asia/Kolkata")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	exec(t, db, `CREATE DOMAIN number AS integer; CREATE DOMAIN label AS varchar(20)`)
	return db
}

// TestForms: what is written to a column is what is read from it, and what filters
// find is what they match in memory; a column that cannot do so is refused when
// the store is opened, with the names of both.
func TestForms(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			db := elsewhere(t, e.dialect)
			n := 0
			for _, f := range forms {
				for i, typ := range slices.Concat(f.types[e.dialect], f.refused[e.dialect]) {
					typ = strings.ReplaceAll(typ, ";", ",")
					n++
					t.Run(fmt.Sprintf("%s/%v/%s", f.attribute, f.form, typ), func(t *testing.T) {
						a := &app{T: t, db: db, user: withMore()}
						ddl, table := typed(a, e.dialect, more+":"+f.attribute, typ)
						table.Name = "people" + strconv.Itoa(n)
						c := table.Columns[more+":"+f.attribute]
						c.Form = f.form
						table.Columns[more+":"+f.attribute] = c
						defer exec(t, db, "DROP TABLE "+table.Name+"; DELETE FROM scim_resources")
						err := openApp(t, e.dialect, a, strings.ReplaceAll(ddl, "people", table.Name), table)
						if i >= len(f.types[e.dialect]) {
							if err == nil || !strings.Contains(err.Error(), more+":"+f.attribute) || !regexp.MustCompile(`column (c|t\.c|NULLIF\(t\.c, .*)\b`).MatchString(err.Error()) {
								t.Errorf("opened: %v", err)
							}
							return
						}
						if err != nil {
							t.Fatal(err)
						}
						a.roundTrip(f.attribute, f.form)
					})
				}
			}
		})
	}
}

// roundTrip stores the samples that the column takes, and compares filters.
func (a *app) roundTrip(attribute string, form sqlfilter.Form) {
	a.Helper()
	var all []*scim.Resource
	for i, value := range append(samples[attribute], "null") {
		r, err := scim.ParseResource(a.user, fmt.Appendf(nil, `{"userName":"u%d","schemas":[%q,%q],%q:{%q:%s}}`, i, a.user.Schema.ID, more, more, attribute, value))
		if err != nil {
			a.Fatal(err)
		}
		sent := r.Clone()
		if err := a.users.Create(a.Context(), r); err != nil {
			if e := new(scim.Error); !errors.As(err, &e) || e.Status != 400 || e.Type != "invalidValue" {
				a.Errorf("storing %s: %v", value, err)
			}
			continue
		}
		read := a.get(r.ID())
		all = append(all, read)
		a.is("what Create gives for "+value, r.String(more+":"+attribute), read.String(more+":"+attribute))
		a.sameValue(attribute, form, value, sent, read)
		// What is read can be written again.
		if _, err := a.users.Update(a.Context(), r.ID(), func(r *scim.Resource) error { return r.Set("title", "x") }); err != nil {
			a.Error(err)
		}
		a.is("after a change of something else", a.get(r.ID()).String(more+":"+attribute), read.String(more+":"+attribute))
	}
	if len(all) < 3 {
		a.Fatalf("%d values are stored", len(all))
	}
	a.filters(attribute, all)
}

// sameValue: a value that the column can hold is read as it was sent.
func (a *app) sameValue(attribute string, form sqlfilter.Form, value string, sent, read *scim.Resource) {
	a.Helper()
	want, got := sent.String(more+":"+attribute), read.String(more+":"+attribute)
	switch {
	case attribute == "at", attribute == "dec", attribute == "int" && len(value) > 15:
		// The column may have fewer digits: what counts is how it is found.
		if (want == "") != (got == "") {
			a.Errorf("%s was sent, %q is read", value, got)
		}
	case form == sqlfilter.Key && !sent.Document().Type().Attr(sent.Document().Type().SubString(0, "userName")).CaseExact && attribute == "text":
		a.is("the key of "+value, got, scim.IdentityKey(want))
	default:
		a.is("the value of "+value, got, want)
	}
}

// filters compares what is found with what matches.
func (a *app) filters(attribute string, all []*scim.Resource) {
	a.Helper()
	ops := map[string]string{"flag": "eq ne", "bin": "eq ne co sw ew"}[attribute]
	switch attribute {
	case "int", "dec", "at":
		ops = "eq ne gt ge lt le"
	case "text", "exact", "uri":
		ops = "eq ne co sw ew gt ge lt le"
	}
	tests := []string{"pr"}
	literals := samples[attribute]
	for _, r := range all {
		if v := r.String(more + ":" + attribute); v != "" && (attribute == "int" || attribute == "dec") {
			literals = append(literals, v)
		} else if v != "" && attribute != "flag" {
			literals = append(literals, strconv.Quote(v))
		}
	}
	slices.Sort(literals)
	for _, literal := range slices.Compact(literals) {
		for _, op := range strings.Fields(ops) {
			tests = append(tests, op+" "+literal)
		}
	}
	for _, test := range tests {
		for _, pattern := range []string{"%s", "not (%s)"} {
			text := fmt.Sprintf(pattern, more+":"+attribute+" "+test)
			f := bind(a, a.user, text)
			var want []string
			for _, r := range all {
				if f.Match(r) {
					want = append(want, r.ID())
				}
			}
			a.finds(text, strings.Join(want, " "))
		}
	}
}

// TestKeyColumns: the column with the key is one with text, which is said when the
// store is opened; one that must have a value has an empty one for none.
func TestKeyColumns(t *testing.T) {
	for _, e := range engines {
		for typ, fits := range map[string]bool{"text": true, "text NOT NULL": true, "integer": false, "boolean": false, "timestamp": false} {
			t.Run(e.name+"/"+typ, func(t *testing.T) {
				a := &app{T: t, db: e.open(t), user: schema.UserType()}
				ddl, table := typed(a, e.dialect, "nickName", "text, k "+typ)
				table.Columns["nickName"] = sqlstore.Column{Name: "c", Key: "k"}
				err := openApp(t, e.dialect, a, ddl, table)
				if !fits {
					for _, part := range []string{"nickName", "column k", "type " + typ} {
						if err == nil || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(part)) {
							t.Errorf("%v, want %q", err, part)
						}
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				none, some := a.new("none"), a.new("some")
				some.Set("nickName", "ÉMILE")
				for _, r := range []*scim.Resource{none, some} {
					if err := a.users.Create(t.Context(), r); err != nil {
						t.Fatal(err)
					}
				}
				for _, f := range []string{`nickName eq "émile"`, `nickName pr`, `nickName le "z"`, `nickName ge ""`} {
					want := some.ID()
					if strings.Contains(f, " le ") {
						want = "" // é comes after z
					}
					a.finds(f, want)
				}
				a.is("not pr", strings.Join(a.find("not (nickName pr)"), " "), none.ID())
			})
		}
	}
}
