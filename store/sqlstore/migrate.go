package sqlstore

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/scimkit/scimkit/internal/sqlschema"
)

var (
	// plainPrefix keeps names of tables short enough for PostgreSQL.
	plainPrefix = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,29}$`)
	// plainSchema has two letters at least: t and r are tables in statements.
	plainSchema = regexp.MustCompile(`^[a-z_][a-z0-9_]{1,62}$`)
)

// checkPrefix tells whether the names of tables may begin with prefix.
func checkPrefix(d Dialect, prefix string) error {
	schema, rest, qualified := strings.Cut(prefix, ".")
	switch {
	case !qualified:
		rest = prefix
	case d != PostgreSQL:
		return fmt.Errorf("sqlstore: the prefix %q: %s has no schemas; a database for each tenant does the same", prefix, d)
	case !plainSchema.MatchString(schema) || strings.HasPrefix(schema, "pg_"):
		return fmt.Errorf("sqlstore: the prefix %q: a schema of 2 to 63 small letters, digits and underscores is needed, without pg_ before them", prefix)
	}
	if !plainPrefix.MatchString(rest) || strings.HasPrefix(rest, "sqlite_") || strings.HasPrefix(rest, "pg_") {
		return fmt.Errorf("sqlstore: the prefix %q: at most 30 small letters, digits and underscores are needed, and neither sqlite_ nor pg_ before them", prefix)
	}
	return nil
}

// The versions that a database has. Row 0 is there to be locked.
const (
	makeVersions = `CREATE TABLE IF NOT EXISTS {p}schema (
	version    {int} NOT NULL PRIMARY KEY,
	name       {text} NOT NULL,
	checksum   {text} NOT NULL,
	applied_at {int} NOT NULL -- microseconds since 1970
){strict}`
	addVersion   = `INSERT INTO {p}schema (version, name, checksum, applied_at) VALUES (?, ?, ?, ?)`
	addLock      = addVersion + ` ON CONFLICT (version) DO NOTHING`
	lockVersions = `SELECT version FROM {p}schema WHERE version = 0 FOR UPDATE`
	readVersions = `SELECT version, name, checksum FROM {p}schema WHERE version > 0 ORDER BY version`
)

// prepare brings the tables to the version of this library, or only checks.
func (s *Store) prepare(ctx context.Context, checkOnly bool) error {
	d := s.db.dialect.Dialect
	if d != PostgreSQL && d != SQLite {
		return fmt.Errorf("sqlstore: the dialect is %v; PostgreSQL and SQLite are there", d)
	}
	if err := checkPrefix(d, s.prefix); err != nil {
		return err
	}
	m := newMigration(s.db, d, s.prefix)
	if checkOnly {
		return m.check(ctx)
	}
	return m.run(ctx)
}

// migration brings the tables of the library to the version of this one.
type migration struct {
	db     *database
	sqlite bool
	prefix string
	list   []sqlschema.Migration
}

func newMigration(db *database, d Dialect, prefix string) *migration {
	return &migration{db, d == SQLite, prefix, sqlschema.Migrations}
}

func (m *migration) sql(text string) string { return sqlschema.Words(m.sqlite, m.prefix, text) }

// run applies what the database lacks, each migration in a transaction of its
// own. Nodes that start at once wait for each other.
func (m *migration) run(ctx context.Context) error {
	for {
		done, err := m.version(ctx)
		if err != nil || done == len(m.list) {
			return err
		}
		if err := m.db.write(ctx, func(tx runner) error { return m.step(ctx, tx) }, nil); err != nil {
			return fmt.Errorf("sqlstore: migration %d (%s): %w", done+1, m.list[done].Name, err)
		}
	}
}

// check tells whether the database is of the version of this library.
func (m *migration) check(ctx context.Context) error {
	done, err := m.version(ctx)
	if err == nil && done < len(m.list) {
		err = fmt.Errorf("sqlstore: the tables %s… are of version %d, and version %d is needed: run what Schema prints", m.prefix, done, len(m.list))
	}
	return err
}

// version tells how many migrations the database has had. It changes nothing.
func (m *migration) version(ctx context.Context) (done int, err error) {
	err = m.db.read(ctx, func(r runner) error {
		done, err = m.applied(ctx, r)
		return err
	})
	switch {
	case missing(err):
		return 0, nil
	case err != nil && !strings.HasPrefix(err.Error(), "sqlstore: "):
		err = fmt.Errorf("sqlstore: the version of the tables: %w", err)
	}
	return done, err
}

// step applies one migration, if there is one left when nobody else is about it.
func (m *migration) step(ctx context.Context, tx runner) error {
	if err := m.lock(ctx, tx); err != nil {
		return err
	}
	done, err := m.applied(ctx, tx)
	if err != nil || done == len(m.list) {
		return err
	}
	next := m.list[done]
	for _, s := range next.Statements(m.sqlite, m.prefix) {
		if _, err := tx.exec(ctx, s); err != nil {
			return inUse(err)
		}
	}
	_, err = tx.exec(ctx, m.sql(addVersion), done+1, next.Name, next.Checksum(m.sqlite), time.Now().UnixMicro())
	return err
}

// lock waits until no other node migrates.
func (m *migration) lock(ctx context.Context, tx runner) error {
	if _, err := tx.exec(ctx, m.sql(makeVersions)); err != nil {
		return raced(err)
	}
	if _, err := tx.exec(ctx, m.sql(addLock), 0, "lock", "", time.Now().UnixMicro()); err != nil {
		return raced(err)
	}
	if m.sqlite { // which has locked all
		return nil
	}
	var zero int
	if err := tx.row(ctx, m.sql(lockVersions)).Scan(&zero); err != nil {
		return err
	}
	// A statement that waits for a table has all others wait behind it.
	_, err := tx.exec(ctx, `SET LOCAL lock_timeout = '3s'`)
	return err
}

// applied counts the migrations that a database has had, and compares them with
// those of this library.
func (m *migration) applied(ctx context.Context, r runner) (done int, err error) {
	rows, err := r.query(ctx, m.sql(readVersions))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var wrong error
	for rows.Next() {
		var version int
		var name, checksum string
		if err := rows.Scan(&version, &name, &checksum); err != nil {
			return 0, err
		}
		if done++; wrong == nil {
			wrong = m.compare(done, version, name, checksum)
		}
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	if done > len(m.list) {
		return 0, fmt.Errorf("sqlstore: the tables %s… are of version %d, of a newer scimkit: this one knows no version after %d", m.prefix, done, len(m.list))
	}
	return done, wrong
}

// compare tells what is wrong with the row of migration number n.
func (m *migration) compare(n, version int, name, checksum string) error {
	switch {
	case version != n:
		return fmt.Errorf("sqlstore: the tables %s… have had migration %d (%s), but not migration %d", m.prefix, version, name, n)
	case n > len(m.list):
		return nil
	case checksum != m.list[n-1].Checksum(m.sqlite):
		return fmt.Errorf("sqlstore: migration %d (%s) is not the one that the tables %s… have had, %s: its checksum differs", n, m.list[n-1].Name, m.prefix, name)
	}
	return nil
}

// missing tells whether err says that a table is not there.
func missing(err error) bool {
	return err != nil && (state(err) == "42P01" || state(err) == "" && says(err, "no such table"))
}

// raced has a transaction run again that made the same table as another one:
// IF NOT EXISTS looks only for what was there when it began.
func raced(err error) error {
	switch state(err) {
	case "23505", "42P07", "42710": // a key, a table, a type is there already
		return fmt.Errorf("%w: %w", errAgain, err)
	}
	return err
}

// inUse has a migration run again for which a table was not free in time.
func inUse(err error) error {
	if state(err) == "55P03" {
		return fmt.Errorf("%w: %w", errAgain, err)
	}
	return err
}

// Schema gives the SQL that makes the tables of the library, for hosts that
// migrate with a tool of their own and have Open only check. The text of a later
// release begins with that of an earlier one. Names begin with prefix, "scim_"
// if it is empty; it panics if that is none that Options.Prefix takes.
func Schema(d Dialect, prefix string) string {
	if prefix == "" {
		prefix = "scim_"
	}
	if err := checkPrefix(d, prefix); err != nil {
		panic(err)
	}
	m := newMigration(nil, d, prefix)
	now := `CAST(extract(epoch FROM now()) * 1000000 AS bigint)`
	if m.sqlite {
		now = `unixepoch() * 1000000`
	}
	var b strings.Builder
	add := func(version int, name, checksum string) {
		text := strings.Replace(m.sql(addVersion), "(?, ?, ?, ?)", "(%d, '%s', '%s', %s)", 1)
		fmt.Fprintf(&b, text+";\n", version, name, checksum, now)
	}
	fmt.Fprintf(&b, "-- The version of the tables\n\n%s;\n\n", strings.Replace(m.sql(makeVersions), " IF NOT EXISTS", "", 1))
	add(0, "lock", "")
	for i, next := range m.list {
		fmt.Fprintf(&b, "\n-- Version %d: %s\n\n%s;\n\n", i+1, next.Name, strings.Join(next.Statements(m.sqlite, prefix), ";\n\n"))
		add(i+1, next.Name, next.Checksum(m.sqlite))
	}
	return b.String()
}
