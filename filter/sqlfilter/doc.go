// Package sqlfilter makes SQL of filters and sort orders (RFC 7644 sections
// 3.4.2.2 and 3.4.2.3) for hosts that keep resources in a database of their own.
//
//	c, err := sqlfilter.New(schema.UserType(), sqlfilter.Columns{
//		Dialect: sqlfilter.PostgreSQL,
//		Attributes: map[string]sqlfilter.Column{
//			"id":       {SQL: "u.id", Form: sqlfilter.Opaque, Convert: parseID},
//			"userName": {SQL: "u.name_key", Form: sqlfilter.Key, NotEmpty: true},
//			"active":   {SQL: "u.disabled_at IS NULL"},
//			`emails[type eq "work"].value`: {SQL: "u.email"},
//		},
//		Lists: map[string][]sqlfilter.List{
//			"groups": {{From: "members m", On: "m.user_id = u.id", Attributes: map[string]sqlfilter.Column{
//				"value": {SQL: "m.group_id", Form: sqlfilter.Key},
//			}}},
//		},
//	})
//	…
//	where, err := c.Where(q.Filter, 2) // *UnsupportedError: 400 invalidFilter
//	if err != nil {
//		return scim.Page{}, &scim.Error{Status: 400, Type: "invalidFilter", Detail: err.Error()}
//	}
//	rows, err := db.QueryContext(ctx,
//		"SELECT … FROM users u WHERE u.tenant = $1 AND "+where.SQL, append([]any{tenant}, where.Args...)...)
//
// Every literal of a filter is an argument of the statement and never a part of
// its text, which depends on the shape of the filter alone (see Where). What the
// mapping cannot express is an error, or, with Columns.Scan, a condition that
// more rows meet; nothing is ever left out silently.
//
// # The same rows as in memory
//
// A clause holds for the rows whose resources filter.Match matches, in all that
// RFC 7644 leaves open: missing values (ne matches them, not turns that round),
// one element for each value path, primary that is false where it is missing,
// numbers and times with more digits than a column has.
//
// Databases do not compare strings as SCIM does: their lower(), collations and
// LIKE know other letters than PRECIS (RFC 7644 section 5), and each others.
// That is why values have comparison keys, text of which the bytes compare as
// the values do. KeyOf computes that of a column, Keys those of a whole
// resource, as JSON. A column of form Text does without, and is exact as long as
// its values are ASCII.
//
// # Indexes
//
// Equality is column = argument, and many equalities of one attribute are one
// IN, so that any index on the column serves; for Text that is not caseExact it
// is one on lower(column), which MariaDB does not have. sw, gt, ge, lt, le and
// orders compare by bytes: in PostgreSQL an index serves them if the column, or
// the index, has COLLATE "C", in SQLite any index that has no collation of its
// own, in MySQL none. co and ew read every row that the rest of the filter
// leaves.
//
// A filter may have hundreds of conditions on lists, each of which is a
// subquery. An or asks a list once, whatever it asks. For the others,
// PostgreSQL's just-in-time compiler can take longer than everything else, by
// seconds and more: SET jit = off for the connections.
package sqlfilter
