package schema

import (
	"strconv"

	"github.com/scimkit/scimkit/internal/model"
)

// A validator looks at the attributes of one schema.
type validator struct {
	p *problems
	s *Schema
}

// list looks at the attributes of the schema, or at the sub-attributes of
// parent. The path of an attribute is pathOf its name, or its place in the list.
func (v validator) list(list []Attribute, parent *Attribute, name string, pathOf func(string) string) {
	seen := make(map[string]bool)
	for i := range list {
		a := &list[i]
		path := pathOf(a.Name)
		if a.Name == "" {
			path = pathOf(name + "[" + strconv.Itoa(i) + "]")
		}
		v.name(path, a.Name)
		if key := model.Lower(a.Name); a.Name != "" && seen[key] {
			v.p.add(path, "is there twice; letter case does not make names differ (RFC 7643 section 2.1)")
		} else {
			seen[key] = true
		}
		if v.keywords(path, a) {
			v.characteristics(path, a)
			v.structure(path, a, parent)
		}
	}
}

// name keeps to ATTRNAME of RFC 7643 section 2.1, and "$ref", which the RFC
// uses itself (erratum 8924).
func (v validator) name(path, name string) {
	switch {
	case name == "":
		v.p.add(path, "has no name")
	case len(name) > maxName:
		v.p.add(path, "is longer than 256 characters")
	case name != "$ref" && (!isLetter(name[0]) || !consistsOf(name, isAlnum, "$-_")):
		v.p.add(path, "is not an attribute name: a letter comes first, then letters, digits, $, - and _ (RFC 7643 section 2.1)")
	}
}

// keywords finds values that are no constants of this package.
func (v validator) keywords(path string, a *Attribute) bool {
	ok := true
	check := func(known bool, what string) {
		if !known {
			v.p.add(path, "has the unknown %s", what)
			ok = false
		}
	}
	check(int(a.Type) < len(typeNames), "type "+a.Type.String())
	check(int(a.Mutability) < len(mutabilityNames), "mutability "+a.Mutability.String())
	check(int(a.Returned) < len(returnedNames), "returned "+a.Returned.String())
	check(int(a.Uniqueness) < len(uniquenessNames), "uniqueness "+a.Uniqueness.String())
	return ok
}

// characteristics finds those that do not go with the type or with each other.
func (v validator) characteristics(path string, a *Attribute) {
	if a.CaseExact && !a.Type.hasCase() {
		v.p.add(path, "is caseExact, but %s values have no case (RFC 7643 section 2.3)", a.Type)
	}
	if a.Uniqueness != UniqueNone && !a.Type.hasUniqueness() {
		v.p.add(path, "has uniqueness %s, but %s values have no uniqueness (RFC 7643 section 2.3)", a.Uniqueness, a.Type)
	}
	if a.Mutability == WriteOnly && (a.Returned == ReturnedAlways || a.Returned == ReturnedRequest) {
		v.p.add(path, "is writeOnly and returned %s; what is writeOnly is never returned (RFC 7643 section 7)", a.Returned)
	}
	if len(a.CanonicalValues) > 0 && a.Type != String {
		v.p.add(path, "has canonical values; only strings have them (RFC 7643 section 2.3.1)")
	}
	v.values(path, "canonical value", a.CanonicalValues, a.CaseExact)
	switch {
	case a.Type == Reference && len(a.ReferenceTypes) == 0:
		v.p.add(path, `is a reference without reference types: names of resource types, "external" or "uri" (RFC 7643 section 7)`)
	case a.Type != Reference && len(a.ReferenceTypes) > 0:
		v.p.add(path, "has reference types; only references have them (RFC 7643 section 7)")
	}
	v.values(path, "reference type", a.ReferenceTypes, true)
}

func (v validator) values(path, what string, list []string, exact bool) {
	seen := make(map[string]bool)
	for _, s := range list {
		key := s
		if !exact {
			key = model.Lower(s)
		}
		if s == "" {
			v.p.add(path, "has an empty %s", what)
		} else if seen[key] {
			v.p.add(path, "has the %s %q twice", what, s)
		}
		seen[key] = true
	}
}

// structure looks at the sub-attributes of a, and at its place in parent.
func (v validator) structure(path string, a, parent *Attribute) {
	switch {
	case a.Type != Complex && len(a.SubAttributes) > 0:
		v.p.add(path, "has sub-attributes, but its type is %s, not complex", a.Type)
	case a.Type == Complex && len(a.SubAttributes) == 0:
		v.p.add(path, "is complex and has no sub-attributes (RFC 7643 section 7)")
	case a.Type == Complex && parent != nil && !model.EqualFold(v.s.ID, urnSchema): // which section 7 exempts
		v.p.add(path, "is a complex sub-attribute; complex attributes do not nest (RFC 7643 section 2.3.8)")
	}
	if parent != nil && parent.MultiValued {
		v.predefined(path, a)
	}
	v.list(a.SubAttributes, a, "subAttributes", func(name string) string { return path + "." + name })
}

// predefined keeps to the meaning of the sub-attributes that RFC 7643 section
// 2.4 defines for every multi-valued attribute.
func (v validator) predefined(path string, a *Attribute) {
	want := String
	switch model.Lower(a.Name) {
	case "type", "display":
	case "primary":
		want = Boolean
	case "$ref":
		want = Reference
	default:
		return
	}
	if a.Type != want || a.MultiValued {
		v.p.add(path, "is to be a single %s in every multi-valued attribute (RFC 7643 section 2.4)", want)
	}
}
