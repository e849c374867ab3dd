package sqlstore

import (
	"slices"
	"strings"
)

// affinity is what SQLite makes of the values of a column, by the name of its type, as
// section 3.1 of its "Datatypes In SQLite" has it: of a text that looks like a number,
// it makes one in all columns but those of TEXT and BLOB.
func (c catalogColumn) affinity() string {
	typ := strings.ToUpper(c.typ)
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(typ, p) })
	}
	switch {
	case has("INT"):
		return "INTEGER"
	case has("CHAR", "CLOB", "TEXT"):
		return "TEXT"
	case typ == "" || has("BLOB"):
		return "BLOB"
	case has("REAL", "FLOA", "DOUB"):
		return "REAL"
	}
	return "NUMERIC"
}

// lite tells whether the column is one of SQLite's.
func (c catalogColumn) lite() bool { return c.category == "" }

// keepsText tells whether a text stays what it is.
func (c catalogColumn) keepsText() bool {
	if !c.lite() {
		return c.category == "S"
	}
	a := c.affinity()
	return a == "TEXT" || a == "BLOB"
}

// numbers is what there is to say of a column of SQLite's that makes numbers of texts.
func (c catalogColumn) numbers() string {
	if c.lite() && c.affinity() == "NUMERIC" {
		return " (SQLite makes numbers of texts in it, 7 of 007; type TEXT keeps them)"
	}
	return ""
}

// truthIn is what clients see of a truth value in a column of SQLite's, where 'no' may
// be, too: a number says which it is, and a text says nothing.
func truthIn(column string) string {
	return "(CASE WHEN typeof(" + column + ") IN ('integer', 'real') THEN " + column + " <> 0 END)"
}
