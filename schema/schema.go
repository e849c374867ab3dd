package schema

import (
	"slices"

	"github.com/scimkit/scimkit/internal/model"
)

// An Attribute defines an attribute or a sub-attribute (RFC 7643 section 7).
// The zero value of every field but Name is the RFC's default: an optional,
// single-valued string in any letter case that clients may read and write.
type Attribute struct {
	Name        string
	Type        Type
	MultiValued bool
	Description string
	Required    bool

	// CanonicalValues are the suggested values of a string, such as "work"
	// and "home"; others are allowed.
	CanonicalValues []string

	// CaseExact is for strings only. References and binary values are always
	// case exact, the other types have no case.
	CaseExact bool

	Mutability Mutability
	Returned   Returned

	// Uniqueness is for strings, numbers and references only.
	Uniqueness Uniqueness

	// ReferenceTypes are what a reference may point to: names of resource
	// types, "external" or "uri". References need at least one.
	ReferenceTypes []string

	// SubAttributes are those of a complex attribute.
	SubAttributes []Attribute
}

// A Schema is a named set of attributes (RFC 7643 section 7). The common
// attributes schemas, id, externalId and meta (section 3.1) belong to every
// resource and are not listed.
type Schema struct {
	ID          string // its URN
	Name        string
	Description string
	Attributes  []Attribute

	errs []error // of Only and Without, for Validate to report
}

func (s *Schema) clone() *Schema {
	c := *s
	c.Attributes = cloneAttributes(s.Attributes)
	return &c
}

func cloneAttributes(list []Attribute) []Attribute {
	list = slices.Clone(list)
	for i := range list {
		a := &list[i]
		a.CanonicalValues = slices.Clone(a.CanonicalValues)
		a.ReferenceTypes = slices.Clone(a.ReferenceTypes)
		a.SubAttributes = cloneAttributes(a.SubAttributes)
	}
	return list
}

// find gives the attribute called name in any letter case, nil if none is.
func find(list []Attribute, name string) *Attribute {
	for i := range list {
		if model.EqualFold(list[i].Name, name) {
			return &list[i]
		}
	}
	return nil
}

// common are the attributes of every resource, with the characteristics of RFC
// 7643 section 3.1. These win over those of a schema that lists them too.
var common = []Attribute{
	{Name: "schemas", MultiValued: true, Required: true, Returned: ReturnedAlways,
		Description: "The URIs of the schemas that the resource has attributes of."},
	{Name: "id", CaseExact: true, Mutability: ReadOnly, Returned: ReturnedAlways, Uniqueness: UniqueServer,
		Description: "The identifier that the service provider gave the resource."},
	{Name: "externalId", CaseExact: true,
		Description: "The identifier that the provisioning client has for the resource."},
	{Name: "meta", Type: Complex, Mutability: ReadOnly, Description: "Metadata of the resource.",
		SubAttributes: []Attribute{
			{Name: "resourceType", CaseExact: true, Mutability: ReadOnly},
			{Name: "created", Type: DateTime, Mutability: ReadOnly},
			{Name: "lastModified", Type: DateTime, Mutability: ReadOnly},
			{Name: "location", Type: Reference, ReferenceTypes: []string{"uri"}, Mutability: ReadOnly},
			{Name: "version", CaseExact: true, Mutability: ReadOnly},
		}},
}
