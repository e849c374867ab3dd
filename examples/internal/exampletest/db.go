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

// DB gives what -db is in a test: name, or the URL of an empty database on
// Server, which is gone after the test.
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
	u.Path = "/scimkit_test_" + strings.ToLower(rand.Text()[:16])
	if _, err := admin.Exec("CREATE DATABASE " + u.Path[1:]); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP DATABASE " + u.Path[1:] + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		admin.Close()
	})
	return u.String()
}
