// Package sqltest tests the packages for SQL against real databases, through
// drivers that the root module does not have.
package sqltest

import (
	_ "github.com/go-sql-driver/mysql" // driver "mysql"
	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
	_ "modernc.org/sqlite"             // driver "sqlite"
)
