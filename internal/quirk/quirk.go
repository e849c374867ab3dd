// Package quirk names the places where what identity providers send and the
// letter of RFC 7643 and 7644 part, and keeps score of them during a request.
package quirk

import (
	"iter"
	"math/bits"
)

// ID is one quirk.
type ID uint8

// The quirks. The comment gives the row in scim/tolerance.md, which says what
// the server does.
const (
	OpCase            ID = iota // Q1 "op":"Add"
	PatchKeys                   // Q2 keys of the PATCH envelope in another letter case, or strange ones
	PatchNoSchemas              // Q3 PATCH without schemas
	PatchEmpty                  // Q57 "Operations":[]
	PatchBare                   // Q58 one operation as the body
	PathKeys                    // Q5, Q6 keys of a path-less value that are paths
	URNDot                      // Q7 "urn:…:User.manager"
	ShortName                   // Q8 an extension's attribute without its URN
	CreateOnAbsent              // Q9 a value path that selects nothing creates an element
	LeadingSlash                // Q10 "/active"
	QuotedBoolean               // Q11 active eq "true"
	RemoveNoMatch               // Q13 a filtered remove that selects nothing
	ReadOnlyInPatch             // Q15 id, meta, schemas inside a path-less value
	TwoPrimaries                // Q18 two primaries on POST or PUT: the last stays
	StringBoolean               // Q20, Q21 "active":"False"
	Unwrap                      // Q22 ["x"] for a single-valued attribute
	Wrap                        // Q23 an object or a string for a multi-valued attribute
	ReferenceShape              // Q24 a bare id for a complex reference
	ReferenceEmpty              // Q25 "" or {"value":""} unassigns a reference
	EmptyString                 // Q27 "" unassigns
	RemoveValues                // Q30 remove members with a value list
	RemoveNull                  // Q32 remove with "value":null or []
	UnknownMember               // Q36 unknown members are left out
	ReferenceRebuilt            // Q37 a client's $ref names another resource than the value
	NestedValue                 // Q39 {"members":[…]} under path members
	Scim11Members               // Q40 {"members":[{"value":…,"operation":"delete"}]}
	KeepOnPut                   // Q43, Q56, Q59 an attribute that PUT leaves out stays
	SchemasInferred             // Q45 schemas missing, or without an extension that is there
	UnknownSchema               // Q46 an unknown URI in schemas
	UnknownAttribute            // Q48 an attribute that the schema does not have
	BareValue                   // Q61 userName eq mira
	BareWords                   // Q61 displayName eq Team Amber
	ValuePathSub                // Q62 emails[type eq "work"].value eq "x"
	ComplexAsValue              // Q63 emails co "x"
	ReferenceAsValue            // Q64 manager eq "id"
	DoubleEscape                // Q70 a filter that was percent-encoded twice
	ParameterCase               // Q74 startindex=1
	UnknownParameter            // Q80 ?aadOptscim062020
	BracketProjection           // Q77 attributes=emails[type eq "work"]
	Slashes                     // Q79 //Users, /Users/
	PathCase                    // Q79 /users
	PathAlias                   // Q79 /ServiceProviderConfigs
	MediaType                   // Q83 no Content-Type
	TextJSON                    // Q83 text/json
	count
)

var names = [count]string{
	OpCase: "op-case", PatchKeys: "patch-keys", PatchNoSchemas: "patch-no-schemas", PatchEmpty: "patch-empty",
	PatchBare: "patch-bare", PathKeys: "path-keys", URNDot: "urn-dot", ShortName: "short-name",
	CreateOnAbsent: "create-on-absent", LeadingSlash: "leading-slash", QuotedBoolean: "quoted-boolean",
	RemoveNoMatch: "remove-no-match", ReadOnlyInPatch: "read-only-in-patch", TwoPrimaries: "two-primaries",
	StringBoolean: "string-boolean", Unwrap: "unwrap", Wrap: "wrap", ReferenceShape: "reference-shape",
	ReferenceEmpty: "reference-empty", EmptyString: "empty-string", RemoveValues: "remove-values",
	RemoveNull: "remove-null", UnknownMember: "unknown-member", ReferenceRebuilt: "reference-rebuilt",
	NestedValue: "nested-value", Scim11Members: "scim11-members", KeepOnPut: "keep-on-put",
	SchemasInferred: "schemas-inferred", UnknownSchema: "unknown-schema", UnknownAttribute: "unknown-attribute",
	BareValue: "bare-value", BareWords: "bare-words", ValuePathSub: "value-path-sub",
	ComplexAsValue: "complex-as-value", ReferenceAsValue: "reference-as-value", DoubleEscape: "double-escape",
	ParameterCase: "parameter-case", UnknownParameter: "unknown-parameter", BracketProjection: "bracket-projection", Slashes: "slashes",
	PathCase: "path-case", PathAlias: "path-alias", MediaType: "media-type", TextJSON: "text-json",
}

// String gives the name that logs and counters use.
func (q ID) String() string { return names[q] }

// All yields every quirk.
func All() iter.Seq[ID] { return (Set(1)<<count - 1).All }

// Set is a set of quirks.
type Set uint64

// Of makes a Set.
func Of(ids ...ID) Set {
	var s Set
	for _, id := range ids {
		s |= 1 << id
	}
	return s
}

// Has tells whether q is in s.
func (s Set) Has(q ID) bool { return s&(1<<q) != 0 }

// All yields the quirks of s.
func (s Set) All(yield func(ID) bool) {
	for ; s != 0; s &= s - 1 {
		if !yield(ID(bits.TrailingZeros64(uint64(s)))) {
			return
		}
	}
}

// Log says which quirks a request may have and notes those that it had. The
// nil Log allows none.
type Log struct {
	Allowed Set
	Used    Set
}

// Try tells whether q is allowed, and notes it if so. Call it where the
// request needs q to go on.
func (l *Log) Try(q ID) bool {
	if l == nil || !l.Allowed.Has(q) {
		return false
	}
	l.Used |= 1 << q
	return true
}

// Allows tells whether q is allowed without noting it.
func (l *Log) Allows(q ID) bool { return l != nil && l.Allowed.Has(q) }

// Note notes q, allowed or not: for what never changes the outcome.
func (l *Log) Note(q ID) {
	if l != nil {
		l.Used |= 1 << q
	}
}
