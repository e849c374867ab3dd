package sqlfilter

import "github.com/scimkit/scimkit/internal/model"

// Columns tells where the attributes of one resource type lie in a database.
// All SQL in it is the host's own and trusted: it becomes a part of statements
// as it is.
type Columns struct {
	Dialect Dialect

	// Attributes are those with a column. The keys are paths of RFC 7644
	// section 3.10 in the spelling of the schema: "userName",
	// "name.givenName", "urn:…:User:department".
	//
	// A path to a multi-valued attribute is one element of it, which exists
	// while one of its columns is not NULL: "emails.value", or, with
	// sub-attributes that always have the same value,
	// `emails[type eq "work" and primary eq true].value`. Columns with the
	// same brackets make up one element. Without a sub-attribute behind the
	// brackets, as in `roles[value eq "admin"]`, the SQL is a boolean
	// expression: whether the element exists.
	Attributes map[string]Column

	// Lists are multi-valued attributes whose elements are rows of other
	// tables, by path: "members", "emails". The elements of several lists of
	// one attribute, and of its columns in Attributes, count together.
	Lists map[string][]List

	// Keys is the SQL of the resource's key document, which function Keys
	// makes: JSON text, or jsonb in PostgreSQL. Every attribute without a
	// column and without a list is looked up there. The elements that it has of
	// a multi-valued attribute count beside those of columns and lists.
	Keys string
	// KeysOmit are the attributes that the key document does not have: those
	// that Keys was told to leave out, and multi-valued ones of which every
	// element is in columns or lists, so that no filter on them looks further.
	KeysOmit []string

	// Complete says that a resource has no attributes but those listed here:
	// what has no column has no value. Otherwise a filter on it is an
	// UnsupportedError.
	Complete bool

	// Scan makes of a filter that SQL cannot express in full a clause that
	// holds for more rows, with Clause.Exact false, in place of an
	// UnsupportedError. The host then matches every row in memory, with
	// filter.Match, and bounds how many it reads.
	Scan bool
}

// A Column is an SQL expression for the value of one attribute. It is NULL
// where there is no value; where a column holds an empty string for that, the
// expression makes NULL of it with NULLIF.
type Column struct {
	SQL  string
	Form Form

	// Const are further sub-attributes of the element of a multi-valued
	// attribute that always have the same value: {"primary": "true"}.
	Const map[string]string

	// NotEmpty says that the column never holds an empty string. It spares
	// the database a look.
	NotEmpty bool

	// Convert makes of a literal what the database compares a column of form
	// Opaque with: 42 of "42". ok is false for what no row can hold. Without
	// it, the literal is passed as it is.
	Convert func(literal string) (arg any, ok bool)
}

// A List is a table whose rows are the elements of a multi-valued attribute.
type List struct {
	From string // "team_members m"
	On   string // which rows belong to the resource: "m.team_id = t.id AND m.tenant = t.tenant"

	// Attributes are the columns of the sub-attributes, by name. The elements
	// of a simple attribute go by the name of "value".
	Attributes map[string]Column

	// Const are sub-attributes that have the same value in all rows.
	Const map[string]string

	// Order is the SQL that orders the elements of a resource, for sorting by
	// this attribute: its first element counts if none is primary. Without it,
	// sorting is unsupported.
	Order string
}

// Form is what a column holds.
type Form uint8

// The forms.
const (
	// Auto is Text, Boolean, Number or Time, by the type of the attribute.
	Auto Form = iota
	// Text is a string as it was sent. Strings that are not caseExact compare
	// by lower(column), which an index can be on, with the comparison key of
	// the literal, and find the literal itself: that is right for ASCII, and for
	// other letters as far as the database knows lower case. caseExact strings
	// compare with the NFC of the literal. Use Key where that is not enough.
	Text
	// Key is the comparison key, as function KeyOf computes it: right for all of
	// Unicode, and for every type. An index on the column serves equality, and
	// with collation "C" in PostgreSQL sw and order too.
	Key
	// Boolean is any boolean expression: "u.disabled_at IS NULL".
	Boolean
	// Number is a numeric column; in PostgreSQL of an exact type.
	Number
	// Time is a point in time: timestamptz in PostgreSQL, DATETIME in UTC in
	// MySQL; in SQLite text that strftime reads, which knows milliseconds.
	Time
	// UnixSeconds are whole seconds since 1970.
	UnixSeconds
	// UnixMicros are whole microseconds since 1970.
	UnixMicros
	// Opaque is a value of a type of the database's own, such as bigint or
	// uuid, which Column.Convert makes of a string: eq, ne and pr work.
	Opaque
)

var formNames = [...]string{"Auto", "Text", "Key", "Boolean", "Number", "Time", "UnixSeconds", "UnixMicros", "Opaque"}

// String gives the name of the form.
func (f Form) String() string {
	if int(f) < len(formNames) {
		return formNames[f]
	}
	return "unknown form"
}

// of resolves Auto for attribute a, and tells whether the form fits it.
func (f Form) of(a *model.Attr) (Form, bool) {
	plain := map[model.Kind]Form{
		model.String: Text, model.Reference: Text, model.Binary: Text, model.Boolean: Boolean,
		model.Decimal: Number, model.Integer: Number, model.DateTime: Time,
	}[a.Kind]
	switch f {
	case Auto:
		return plain, plain != Auto
	case Key:
		return f, plain != Auto
	case UnixSeconds, UnixMicros:
		return f, plain == Time
	case Opaque:
		return f, plain == Text
	}
	return f, f == plain
}
