package schema

import (
	"slices"
	"strings"

	"github.com/scimkit/scimkit/internal/model"
)

// Only gives a copy of s that has no other attributes than those named, for
// hosts that support a part of a schema (RFC 7644 section 3.1). Names are in
// any letter case; "name" is the attribute with all its sub-attributes,
// "name.familyName" one of them. The common attributes are there without being
// named.
//
// A name that s does not have, and a required attribute that is not named, are
// errors, which Validate reports.
func (s *Schema) Only(names ...string) *Schema { return s.narrow(names, true) }

// Without gives a copy of s that lacks the attributes named, in the manner of
// Only. Required attributes and the common ones cannot be left out.
func (s *Schema) Without(names ...string) *Schema { return s.narrow(names, false) }

func (s *Schema) narrow(names []string, only bool) *Schema {
	c := s.clone()
	p := problems{errs: slices.Clone(s.errs)}
	listed := make(map[string]bool)
	for _, name := range names {
		listed[model.Lower(name)] = true
		s.checkName(&p, name, only)
	}
	c.Attributes = nil
	for _, a := range s.clone().Attributes {
		if keep(&a, listed, only) {
			c.Attributes = append(c.Attributes, a)
		}
	}
	c.checkRequired(&p, s)
	c.errs = p.errs
	return c
}

// keep tells whether a stays and drops those of its sub-attributes that do not.
func keep(a *Attribute, listed map[string]bool, only bool) bool {
	if listed[model.Lower(a.Name)] {
		return only
	}
	var subs []Attribute
	for _, sub := range a.SubAttributes {
		if listed[model.Lower(a.Name+"."+sub.Name)] == only {
			subs = append(subs, sub)
		}
	}
	a.SubAttributes = subs
	return !only || len(subs) > 0
}

func (s *Schema) checkName(p *problems, name string, only bool) {
	top, sub, dotted := strings.Cut(name, ".")
	if find(common, top) != nil {
		if !only {
			p.add(s.path(name), "cannot be left out: every resource has the common attributes (RFC 7643 section 3.1)")
		}
		return
	}
	a := find(s.Attributes, top)
	if a != nil && dotted {
		a = find(a.SubAttributes, sub)
	}
	if a == nil {
		p.add(s.path(name), "is not an attribute of the schema")
	}
}

// checkRequired finds what s, a part of whole, must not lack.
func (s *Schema) checkRequired(p *problems, whole *Schema) {
	const msg = "cannot be left out: it is required"
	for _, a := range whole.Attributes {
		kept := find(s.Attributes, a.Name)
		if kept == nil && a.Required {
			p.add(s.path(a.Name), msg)
		}
		if kept == nil {
			continue
		}
		for _, sub := range a.SubAttributes {
			if sub.Required && find(kept.SubAttributes, sub.Name) == nil {
				p.add(s.path(a.Name+"."+sub.Name), msg)
			}
		}
	}
}
