package exampletest

import (
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
)

// Server is the variable with the URL of a PostgreSQL for the tests of the
// examples, which otherwise run on SQLite. The tests of internal/sqltest set it.
const Server = "SCIMKIT_EXAMPLES_POSTGRES"

// DB gives what -db is in a test: name, or a URL of Server with an empty
// schema, which is gone after the test. Making one takes less time than making a
// database.
func DB(t *testing.T, name string) string {
	t.Helper()
	text := os.Getenv(Server)
	if text == "" {
		return name
	}
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	admin, err := sql.Open("pgx", text)
	if err != nil {
		t.Fatal(err)
	}
	schema := "test_" + strings.ToLower(rand.Text()[:16])
	if _, err := admin.Exec("CREATE SCHEMA " + schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP SCHEMA " + schema + " CASCADE"); err != nil {
			t.Error(err)
		}
		admin.Close()
	})
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}
