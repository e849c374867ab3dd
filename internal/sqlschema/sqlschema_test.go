package sqlschema

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// byID are the tables whose keys do not begin with the tenant: it is looked up by
// them, or they are about none.
var byID = []string{"{p}tokens", "{p}types"}

var (
	// beyond is what not all databases have that speak PostgreSQL's protocol,
	// or what hides that a table is somebody else's.
	beyond = regexp.MustCompile(`(?i)\b(trigger|deferrable|(big|small)?serial|sequence|generated|identity|advisory|enum|domain|function|if not exists|unlogged)\b`)

	table      = regexp.MustCompile(`^CREATE TABLE (\S+) \(`)
	index      = regexp.MustCompile(`^CREATE (?:UNIQUE )?INDEX (\S+) ON (\S+) \(([a-z_]+)`)
	primaryKey = regexp.MustCompile(`(?:([a-z_]+)\s+\S+ NOT NULL PRIMARY KEY|PRIMARY KEY \(([a-z_]+))`)
	references = regexp.MustCompile(`REFERENCES \S+ \(([a-z_]+)`)
)

// faults tells what is wrong with a statement.
func faults(s string) (list []string) {
	fault := func(bad bool, text string) {
		if bad {
			list = append(list, text)
		}
	}
	fault(strings.ContainsAny(s, "?;"), "a question mark or a semicolon")
	fault(beyond.MatchString(s), "not in every database: "+beyond.FindString(s))
	if m := table.FindStringSubmatch(s); m != nil {
		key := primaryKey.FindStringSubmatch(s)
		fault(key == nil || key[1]+key[2] != "tenant" && !slices.Contains(byID, m[1]), "the primary key does not begin with tenant")
		fault(!strings.HasPrefix(m[1], "{p}"), "the name has no prefix")
		fault(!strings.HasSuffix(s, "){strict}") && !strings.HasSuffix(s, "){wide}"), "the table is not strict")
	}
	if m := index.FindStringSubmatch(s); m != nil {
		fault(!strings.HasPrefix(m[1], m[2]+"_"), "the index is not named like its table")
		fault(m[3] != "tenant", "the index does not begin with tenant")
	}
	for _, m := range references.FindAllStringSubmatch(s, -1) {
		fault(m[1] != "tenant", "a foreign key does not begin with tenant")
	}
	return list
}

func TestMigrations(t *testing.T) {
	names := map[string]bool{}
	for _, m := range Migrations {
		if names[m.Name] || !regexp.MustCompile(`^[a-z_]+$`).MatchString(m.Name) {
			t.Errorf("the name %q", m.Name)
		}
		names[m.Name] = true
		for _, sqlite := range []bool{false, true} {
			for _, s := range m.Statements(sqlite, "{p}") {
				if strings.ContainsAny(strings.ReplaceAll(s, "{p}", ""), "{}") {
					t.Errorf("%s: a word in braces is left over: %s", m.Name, s)
				}
			}
		}
		for s := range strings.SplitSeq(strings.TrimSpace(m.SQL), ";\n") {
			for _, f := range faults(strings.TrimSuffix(s, ";")) {
				t.Errorf("%s: %s:\n%s", m.Name, f, s)
			}
		}
	}
}

// TestFaults: each of the faults is found.
func TestFaults(t *testing.T) {
	for s, want := range map[string]string{
		"CREATE TABLE {p}a (\n\ttenant {text} NOT NULL PRIMARY KEY\n){strict}":                     "",
		"CREATE TABLE {p}a (\n\tid {text} NOT NULL PRIMARY KEY\n){strict}":                         "primary key",
		"CREATE TABLE {p}a (\n\tid {text},\n\ttenant {text},\n\tPRIMARY KEY (id, tenant)){strict}": "primary key",
		"CREATE TABLE {p}a (\n\ttenant {text} NOT NULL\n){strict}":                                 "primary key",
		"CREATE TABLE a (tenant {text} NOT NULL PRIMARY KEY){strict}":                              "no prefix",
		"CREATE TABLE {p}a (tenant {text} NOT NULL PRIMARY KEY)":                                   "not strict",
		"CREATE INDEX {p}b_c ON {p}a (tenant)":                                                     "named like",
		"CREATE UNIQUE INDEX {p}a_c ON {p}a (c, tenant)":                                           "begin with tenant",
		"ALTER TABLE {p}a ADD FOREIGN KEY (c) REFERENCES {p}b (c)":                                 "foreign key",
		"CREATE TRIGGER {p}a":                  "not in every database",
		"ALTER TABLE {p}a ADD n serial":        "not in every database",
		"SELECT 1 WHERE ? = 1":                 "question mark",
		"CREATE TABLE IF NOT EXISTS {p}a (x)":  "not in every database",
		"SELECT pg_try ('a'); SELECT 'b' -- c": "semicolon",
	} {
		got := strings.Join(faults(s), ", ")
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", s, got, want)
		}
	}
}

func TestStatements(t *testing.T) {
	m := Migration{SQL: "\nA {p}x {text};\n\nB -- {int}\n(c);\n", PostgreSQL: "P {bool};\n", SQLite: "S {bool};\n"}
	for _, tt := range []struct {
		sqlite bool
		want   []string
	}{
		{false, []string{`A my_x text COLLATE "C"`, "B -- bigint\n(c)", "P boolean"}},
		{true, []string{`A my_x TEXT`, "B -- INTEGER\n(c)", "S INTEGER"}},
	} {
		if got := m.Statements(tt.sqlite, "my_"); !slices.Equal(got, tt.want) {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
	other := m
	other.SQLite = "T;\n"
	if m.Checksum(false) != other.Checksum(false) || m.Checksum(true) == other.Checksum(true) || len(m.Checksum(true)) != 64 {
		t.Error("the checksum is not that of the statements")
	}
}
