package schema

import "fmt"

// Type is the data type of an attribute (RFC 7643 section 2.3).
type Type uint8

// The data types. There are no others (RFC 7643 section 2.3).
const (
	String    Type = iota // Unicode text; the default
	Boolean               // true or false
	Decimal               // a number
	Integer               // a number without fraction and exponent
	DateTime              // date and time, as in "2008-01-23T04:56:22Z"
	Binary                // base64; always case exact
	Reference             // a URI; always case exact
	Complex               // an object with sub-attributes
)

// Mutability tells when the value of an attribute can be set (RFC 7643 section 7).
type Mutability uint8

// The mutabilities.
const (
	ReadWrite Mutability = iota // set at any time; the default
	ReadOnly                    // set by the service provider alone
	Immutable                   // set once, when the resource is made or replaced
	WriteOnly                   // set at any time and never returned: a password
)

// Returned tells when an attribute is part of a response (RFC 7643 section 7).
type Returned uint8

// The values of returned.
const (
	ReturnedDefault Returned = iota // unless the client asks for other attributes
	ReturnedAlways                  // whatever the client asks for
	ReturnedNever                   // not even when asked for
	ReturnedRequest                 // only when asked for, or written by the request
)

// Uniqueness tells which values of an attribute must differ (RFC 7643 section 7).
type Uniqueness uint8

// The values of uniqueness.
const (
	UniqueNone   Uniqueness = iota // no constraint; the default
	UniqueServer                   // unique in the tenant
	UniqueGlobal                   // unique everywhere; the server can see to its own part only
)

var (
	typeNames       = []string{"string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"}
	mutabilityNames = []string{"readWrite", "readOnly", "immutable", "writeOnly"}
	returnedNames   = []string{"default", "always", "never", "request"}
	uniquenessNames = []string{"none", "server", "global"}
)

// String gives the RFC's keyword.
func (t Type) String() string { return keyword(t, typeNames, "Type") }

// String gives the RFC's keyword.
func (m Mutability) String() string { return keyword(m, mutabilityNames, "Mutability") }

// String gives the RFC's keyword.
func (r Returned) String() string { return keyword(r, returnedNames, "Returned") }

// String gives the RFC's keyword.
func (u Uniqueness) String() string { return keyword(u, uniquenessNames, "Uniqueness") }

func keyword[K ~uint8](k K, names []string, kind string) string {
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("%s(%d)", kind, uint8(k))
}

// hasCase tells whether caseExact means anything for t: numbers, dates,
// booleans and complex values have no case (RFC 7643 sections 2.3.2 to 2.3.8).
func (t Type) hasCase() bool { return t == String || t == Reference || t == Binary }

// hasUniqueness is the same for uniqueness.
func (t Type) hasUniqueness() bool {
	return t == String || t == Decimal || t == Integer || t == Reference
}

// caseExact is the case sensitivity in force: references and binary values are
// case exact, whatever their definition says (RFC 7643 sections 2.3.6 and 2.3.7).
func (a *Attribute) caseExact() bool {
	return a.Type == Reference || a.Type == Binary || a.Type == String && a.CaseExact
}

// returned is the returned in force: what is writeOnly is never returned
// (RFC 7643 section 7).
func (a *Attribute) returned() Returned {
	if a.Mutability == WriteOnly {
		return ReturnedNever
	}
	return a.Returned
}
