package scim

import (
	"slices"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// A Quirk names a place where a request parted from the letter of the RFCs and
// the server went along. Its String is stable: logs and counters use it.
type Quirk = quirk.ID

// Quirks lists every quirk that there is.
func Quirks() []Quirk {
	var all []Quirk
	for q := range quirk.All() {
		all = append(all, q)
	}
	return all
}

// UnknownAttributes says what becomes of attributes that the schema does not
// have (RFC 7644 section 3.1 leaves it to the service provider).
type UnknownAttributes uint8

// The policies for unknown attributes.
const (
	IgnoreUnknown UnknownAttributes = iota // left out and counted
	RejectUnknown                          // 400 invalidSyntax
	KeepUnknown                            // stored and returned as they are
)

// Tolerance says where the server goes along with what identity providers send
// beyond the letter of RFC 7643 and 7644. No field changes what a request
// means that is valid under the RFCs, with two exceptions: RemoveValues and
// EmptyStrings. Unknown and PutKeeps choose among what the RFCs leave open.
//
// Start from [Tolerant] or [Strict] and change fields. Quirks that cannot
// collide with the RFCs (letter case of parameter names, unknown query
// parameters, a foreign $ref) have no field: they are always accepted, and
// counted.
//
// [tolerance.md] has every deviation that is known: who sends it, what the
// server does, which field switches it, by which name it is counted.
//
// [tolerance.md]: https://github.com/scimkit/scimkit/blob/main/scim/tolerance.md
type Tolerance struct {
	// PATCH.
	OperationCase      bool // "op":"Add"
	PatchKeys          bool // keys of the PATCH envelope in any letter case
	PatchNoSchemas     bool // PATCH without "schemas"
	PatchEmpty         bool // "Operations":[] is a PATCH that changes nothing
	PathKeys           bool // keys of a path-less value may be paths: "name.givenName"
	URNDot             bool // "urn:…:User.manager"
	ShortNames         bool // an attribute that one extension has, without its URN
	CreateOnAbsent     bool // emails[type eq "work"].value creates the element
	ReadOnlyInPatch    bool // id, meta and schemas inside a path-less value are left out
	RemoveValues       bool // remove with path "members" and a value removes that value only
	RemoveNull         bool // remove with "value":null removes all, with [] nothing
	NestedValue        bool // path "members" with value {"members":[…]}
	PatchBare          bool // off by default: the body is one operation
	LeadingSlash       bool // off by default: path "/active"
	Scim11Members      bool // off by default: {"members":[{"operation":"delete"}]}
	LastPrimaryWins    bool // off by default: of two primaries in POST or PUT the last stays
	SkipUnknownMembers bool // off by default: unknown members are left out, not refused

	// Values.
	StringBooleans bool // "active":"False"
	Unwrap         bool // ["x"] for a single-valued attribute
	Wrap           bool // one object or string for a multi-valued attribute
	ReferenceShape bool // a bare id for a complex reference: "manager":"42"
	ReferenceEmpty bool // "" or {"value":""} unassigns a reference
	EmptyStrings   bool // "" unassigns an optional attribute
	Unknown        UnknownAttributes

	// POST and PUT.
	InferSchemas   bool // "schemas" missing, or without an extension that is there
	UnknownSchemas bool // unknown URIs in "schemas"
	// PutKeeps names attributes that keep their value when PUT leaves them
	// out; without it they lose it, members of a group too (RFC 7644 section
	// 3.5.1 leaves it open). Names are "active", "name", the URI of an
	// extension, "urn:…:User:department"; "name.middleName" stays if the
	// PUT has other parts of name. Credentials (writeOnly) and immutable
	// attributes always stay.
	PutKeeps []string

	// Filters.
	BareValues       bool // userName eq mira
	QuotedBooleans   bool // active eq "true"
	ReferenceAsValue bool // manager eq "42", members eq "42"
	ValuePathSub     bool // emails[type eq "work"].value eq "x"
	BareWords        bool // off by default: displayName eq Team Amber
	DoubleEscape     bool // off by default: a filter percent-encoded twice

	// URLs and headers.
	BracketProjection bool // attributes=emails[type eq "work"]
	Slashes           bool // //Users, /Users/
	NoContentType     bool // a body without Content-Type
	PathCase          bool // off by default: /users
	PathAliases       bool // off by default: /ServiceProviderConfigs, /serviceConfiguration
	TextJSON          bool // off by default: Content-Type text/json
}

// Tolerant is the default: everything on that hurts no correct client.
func Tolerant() Tolerance {
	return Tolerance{
		OperationCase: true, PatchKeys: true, PatchNoSchemas: true, PatchEmpty: true, PathKeys: true,
		URNDot: true, ShortNames: true, CreateOnAbsent: true, ReadOnlyInPatch: true, RemoveValues: true,
		RemoveNull: true, NestedValue: true,
		StringBooleans: true, Unwrap: true, Wrap: true, ReferenceShape: true, ReferenceEmpty: true,
		EmptyStrings: true, InferSchemas: true, UnknownSchemas: true, PutKeeps: []string{"active"},
		BareValues: true, QuotedBooleans: true, ReferenceAsValue: true, ValuePathSub: true,
		BracketProjection: true, Slashes: true, NoContentType: true,
	}
}

// Strict is the letter of the RFCs, for conformance suites. Attributes that
// the schema does not have are refused.
func Strict() Tolerance { return Tolerance{Unknown: RejectUnknown} }

// policy is a Tolerance in the form that the engine asks.
type policy struct {
	allowed  quirk.Set
	unknown  document.UnknownPolicy
	putKeeps []string
}

// compile makes the set of quirks that t allows.
func (t *Tolerance) compile() *policy {
	allowed := quirk.Of(quirk.KeepOnPut)
	for _, f := range []struct {
		on bool
		q  quirk.ID
	}{
		{t.OperationCase, quirk.OpCase}, {t.PatchKeys, quirk.PatchKeys}, {t.PatchNoSchemas, quirk.PatchNoSchemas},
		{t.PatchEmpty, quirk.PatchEmpty}, {t.PatchBare, quirk.PatchBare}, {t.PathKeys, quirk.PathKeys},
		{t.URNDot, quirk.URNDot}, {t.ShortNames, quirk.ShortName}, {t.CreateOnAbsent, quirk.CreateOnAbsent},
		{t.LeadingSlash, quirk.LeadingSlash}, {t.QuotedBooleans, quirk.QuotedBoolean},
		{t.ReadOnlyInPatch, quirk.ReadOnlyInPatch}, {t.LastPrimaryWins, quirk.TwoPrimaries},
		{t.StringBooleans, quirk.StringBoolean}, {t.Unwrap, quirk.Unwrap}, {t.Wrap, quirk.Wrap},
		{t.ReferenceShape, quirk.ReferenceShape}, {t.ReferenceEmpty, quirk.ReferenceEmpty},
		{t.EmptyStrings, quirk.EmptyString}, {t.RemoveValues, quirk.RemoveValues}, {t.RemoveNull, quirk.RemoveNull},
		{t.SkipUnknownMembers, quirk.UnknownMember}, {t.NestedValue, quirk.NestedValue},
		{t.Scim11Members, quirk.Scim11Members}, {t.InferSchemas, quirk.SchemasInferred},
		{t.UnknownSchemas, quirk.UnknownSchema}, {t.BareValues, quirk.BareValue}, {t.BareWords, quirk.BareWords},
		{t.ValuePathSub, quirk.ValuePathSub}, {t.ReferenceAsValue, quirk.ReferenceAsValue},
		{t.DoubleEscape, quirk.DoubleEscape}, {t.BracketProjection, quirk.BracketProjection},
		{t.Slashes, quirk.Slashes}, {t.PathCase, quirk.PathCase}, {t.PathAliases, quirk.PathAlias},
		{t.NoContentType, quirk.MediaType}, {t.TextJSON, quirk.TextJSON},
	} {
		if f.on {
			allowed |= quirk.Of(f.q)
		}
	}
	return &policy{allowed: allowed, unknown: document.UnknownPolicy(t.Unknown), putKeeps: t.PutKeeps}
}

// keeps tells whether PUT leaves the attribute at path alone if it leaves it
// out.
func (p *policy) keeps(path string) bool {
	return slices.ContainsFunc(p.putKeeps, func(name string) bool { return model.EqualFold(name, path) })
}
