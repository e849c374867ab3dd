package sqlfilter_test

import (
	"fmt"
	"testing"

	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/schema"
)

// ruler has a number and times of each precision.
var ruler = &schema.ResourceType{Name: "Ruler", Endpoint: "/Rulers", Schema: &schema.Schema{ID: "urn:example:Ruler", Name: "Ruler", Attributes: []schema.Attribute{
	{Name: "n", Type: schema.Decimal}, {Name: "t", Type: schema.DateTime}, {Name: "s", Type: schema.DateTime}, {Name: "u", Type: schema.DateTime},
}}}

// precisions have literals that a column cannot hold, or only just.
var precisions = []struct {
	dialect      sqlfilter.Dialect
	filter, want string
}{
	{sqlfilter.SQLite, `n eq 7`, `n = +?1 int64 7`},
	{sqlfilter.SQLite, `n eq 70e-1`, `n = +?1 int64 7`},
	{sqlfilter.SQLite, `n lt -0`, `n < +?1 int64 0`},
	{sqlfilter.SQLite, `n eq 0.5`, `n = +?1 float64 0.5`},
	{sqlfilter.SQLite, `n eq 0.1`, `n = +?1 float64 0.1`},
	{sqlfilter.SQLite, `n eq 0.1000000000000000000001`, `FALSE`},
	{sqlfilter.SQLite, `n ne 0.1000000000000000000001`, `TRUE`},
	{sqlfilter.SQLite, `not (n ne 0.1000000000000000000001)`, `FALSE`},
	{sqlfilter.SQLite, `n gt 0.1000000000000000000001`, `n > +?1 float64 0.1`},
	{sqlfilter.SQLite, `n ge 0.1000000000000000000001`, `n > +?1 float64 0.1`},
	{sqlfilter.SQLite, `n lt 0.1000000000000000000001`, `n <= +?1 float64 0.1`},
	{sqlfilter.SQLite, `n ge 0.0999999999999999999999`, `n >= +?1 float64 0.1`},
	{sqlfilter.SQLite, `n le 0.0999999999999999999999`, `n < +?1 float64 0.1`},
	{sqlfilter.SQLite, `n eq 9223372036854775807`, `n = +?1 int64 9223372036854775807`},
	{sqlfilter.SQLite, `n ge -9223372036854775808`, `n >= +?1 int64 -9223372036854775808`},
	{sqlfilter.SQLite, `n lt -9223372036854775809`, `n < +?1 float64 -9.223372036854776e+18`},
	{sqlfilter.SQLite, `n gt 9007199254740993.5`, `n > +?1 int64 9007199254740993`},
	{sqlfilter.SQLite, `n ge -9007199254740993.5`, `n > +?1 int64 -9007199254740994`},
	{sqlfilter.SQLite, `n gt 1e400`, `n > +?1 float64 1.7976931348623157e+308`},
	{sqlfilter.SQLite, `n lt -1e400`, `n < +?1 float64 -1.7976931348623157e+308`},
	{sqlfilter.SQLite, `n gt 1e-400`, `n > +?1 float64 0`},
	{sqlfilter.SQLite, `n ge -1e-400`, `n >= +?1 float64 -0`},
	{sqlfilter.PostgreSQL, `n eq -12.50`, `n = CAST($1::text AS numeric) string -0.125e2`},
	{sqlfilter.PostgreSQL, `n eq 0`, `n = CAST($1::text AS numeric) string 0`},
	{sqlfilter.PostgreSQL, `n gt 1e999999999`, `n > CAST($1::text AS numeric) string 0.1e10000`},
	{sqlfilter.PostgreSQL, `n gt 1e-999999999`, `n > CAST($1::text AS numeric) string 0.1e-10000`},
	{sqlfilter.MySQL, `n eq -12.5`, `n = CAST(? AS DECIMAL(65,30)) string -12.5`},
	{sqlfilter.MySQL, `n eq 1200`, `n = CAST(? AS DECIMAL(65,30)) string 1200`},
	{sqlfilter.MySQL, `n eq 0.012`, `n = CAST(? AS DECIMAL(65,30)) string 0.012`},
	{sqlfilter.MySQL, `n gt 1e-31`, `n > CAST(? AS DECIMAL(65,30)) string 0.000000000000000000000000000000`},
	{sqlfilter.MySQL, `n ge -1e-31`, `n >= CAST(? AS DECIMAL(65,30)) string 0.000000000000000000000000000000`},
	{sqlfilter.MySQL, `n eq 1e-31`, `FALSE`},
	{sqlfilter.MySQL, `n lt 1e35`, `n <= CAST(? AS DECIMAL(65,30)) string 99999999999999999999999999999999999`},
	{sqlfilter.MySQL, `n gt -1e99`, `n >= CAST(? AS DECIMAL(65,30)) string -99999999999999999999999999999999999`},

	{sqlfilter.SQLite, `s ge "1970-01-01T00:00:01.5Z"`, `s > +?1 int64 1`},
	{sqlfilter.SQLite, `s lt "1970-01-01T00:00:01.5Z"`, `s <= +?1 int64 1`},
	{sqlfilter.SQLite, `s lt "1969-12-31T23:59:58.5Z"`, `s <= +?1 int64 -2`},
	{sqlfilter.SQLite, `s eq "1970-01-01T00:00:01.5Z"`, `FALSE`},
	{sqlfilter.SQLite, `u eq "1970-01-01T00:00:01.5Z"`, `u = +?1 int64 1500000`},
	{sqlfilter.SQLite, `u gt "1970-01-01T00:00:01.0000005Z"`, `u > +?1 int64 1000000`},
	{sqlfilter.SQLite, `t gt "2011-05-13T04:42:34.1239Z"`, `strftime('%Y-%m-%dT%H:%M:%f', t) > +?1 string 2011-05-13T04:42:34.123`},
	{sqlfilter.SQLite, `t gt "-0044-03-15T12:00:00Z"`, `strftime('%Y-%m-%dT%H:%M:%f', t) >= +?1 string 0001-01-01T00:00:00.000`},
	{sqlfilter.SQLite, `t le "12345-01-01T00:00:00Z"`, `strftime('%Y-%m-%dT%H:%M:%f', t) <= +?1 string 9999-12-31T23:59:59.999`},
	{sqlfilter.PostgreSQL, `t lt "0001-01-01T00:00:00+01:00"`, `t < CAST($1::text AS timestamptz) string 0001-01-01T00:00:00.000000Z`},
	{sqlfilter.PostgreSQL, `t ge "10000-01-01T00:00:00Z"`, `t > CAST($1::text AS timestamptz) string 9999-12-31T23:59:59.999999Z`},
	{sqlfilter.PostgreSQL, `s ge "10000-01-01T00:00:00Z"`, `s > CAST($1 AS bigint) int64 253402300799`},
}

// TestPrecision: a literal that a column cannot hold stands where it belongs,
// between the values that the column can.
func TestPrecision(t *testing.T) {
	for _, test := range precisions {
		c, err := sqlfilter.New(ruler, sqlfilter.Columns{Dialect: test.dialect, Attributes: map[string]sqlfilter.Column{
			"n": {SQL: "n"}, "t": {SQL: "t"}, "s": {SQL: "s", Form: sqlfilter.UnixSeconds}, "u": {SQL: "u", Form: sqlfilter.UnixMicros},
		}})
		if err != nil {
			t.Fatal(err)
		}
		clause, err := c.Where(bindTo(t, ruler, test.filter), 1)
		got := clause.SQL
		for _, arg := range clause.Args {
			got += fmt.Sprintf(" %T %v", arg, arg)
		}
		if err != nil || got != test.want {
			t.Errorf("%s: %s: %s, %v, want %s", test.dialect, test.filter, got, err, test.want)
		}
	}
}
