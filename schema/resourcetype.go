package schema

import (
	"strings"
	"sync"

	"github.com/scimkit/scimkit/internal/model"
)

// An Extension adds the attributes of another schema to a resource type (RFC
// 7643 section 3.3).
type Extension struct {
	Schema   *Schema
	Required bool // whether every resource must have it (RFC 7643 section 6)
}

// A ResourceType is a kind of resource and its endpoint (RFC 7643 section 6).
// It must not be changed once it is in use, nor may its schemas.
type ResourceType struct {
	Name        string // as meta.resourceType has it: "User"
	Endpoint    string // under the base URL: "/Users"
	Description string
	Schema      *Schema
	Extensions  []Extension

	once     sync.Once
	compiled compiled
	err      error
}

// maxAttributes leaves room in model.ID for the common attributes.
const maxAttributes = 65000

// reserved are the endpoints of RFC 7644 section 3.2, and ServiceProviderConfigs
// of SCIM 1.1, which clients still ask for.
var reserved = []string{"/Schemas", "/ResourceTypes", "/ServiceProviderConfig", "/ServiceProviderConfigs", "/Bulk", "/Me"}

// Validate reports everything that is wrong with t and its schemas as
// DefinitionErrors.
//
// Two things that look wrong are not: a core schema may list the common
// attributes, but their characteristics stay those of RFC 7643 section 3.1; and
// an extension may have an attribute of the same name as the core schema, which
// section 3.3 advises against.
func (t *ResourceType) Validate() error {
	var p problems
	t.validateName(&p)
	t.validateEndpoint(&p)
	count := 0
	seen := make(map[string]bool)
	for i, s := range t.schemas() {
		if s == nil {
			p.add(t.Name, "has no schema for its core or an extension")
			continue
		}
		if urn := model.Lower(s.ID); i > 0 && seen[urn] {
			p.add(t.Name, "has the schema %s twice, as core schema or extension", s.ID)
		} else {
			seen[urn] = true
			p.errs = append(p.errs, s.errs...)
			s.validate(&p)
		}
		count += 1 + countAttributes(s.Attributes)
	}
	if count > maxAttributes {
		p.add(t.Name, "has %d attributes; the limit is %d", count, maxAttributes)
	}
	return p.err()
}

// schemas are the core schema and those of the extensions.
func (t *ResourceType) schemas() []*Schema {
	list := []*Schema{t.Schema}
	for _, e := range t.Extensions {
		list = append(list, e.Schema)
	}
	return list
}

func countAttributes(list []Attribute) int {
	n := len(list)
	for i := range list {
		n += countAttributes(list[i].SubAttributes)
	}
	return n
}

func (t *ResourceType) validateName(p *problems) {
	switch {
	case t.Name == "":
		p.add("", "a resource type has no name")
	case !consistsOf(t.Name, isAlnum, "._-"):
		p.add(t.Name, "is not the name of a resource type: letters, digits, '.', '_' and '-' are allowed")
	case t.Name == "external" || t.Name == "uri":
		p.add(t.Name, "is reserved: as a reference type it means something else (RFC 7643 section 7)")
	}
}

func (t *ResourceType) validateEndpoint(p *problems) {
	segment, slash := strings.CutPrefix(t.Endpoint, "/")
	switch {
	case t.Endpoint == "":
		p.add(t.Name, `has no endpoint, such as "/Users"`)
		return
	case !slash || segment == "" || !isAlnum(segment[0]) || !consistsOf(segment, isAlnum, "._-"):
		p.add(t.Name, `has the endpoint %q; it is to be one path segment of letters, digits, '.', '_' and '-', such as "/Users"`, t.Endpoint)
	}
	for _, r := range reserved {
		if model.EqualFold(t.Endpoint, r) {
			p.add(t.Name, "has the endpoint %s, which the protocol needs itself (RFC 7644 section 3.2)", t.Endpoint)
		}
	}
}

// Schemas gives the schemas in force, for discovery: the core schema without
// common attributes, which are not its own even where it lists them, and the
// extensions.
func (t *ResourceType) Schemas() []*Schema {
	list := t.schemas()
	if t.Schema != nil {
		core := *t.Schema
		core.Attributes = own(core.Attributes)
		list[0] = &core
	}
	return list
}

// own leaves the common attributes out of those of a core schema.
func own(list []Attribute) []Attribute {
	var out []Attribute
	for _, a := range list {
		if find(common, a.Name) == nil {
			out = append(out, a)
		}
	}
	return out
}

// Attribute finds the definition of an attribute by its path, in any letter
// case: "userName", "name.givenName", "meta.created", or with the URN of a
// schema before it (RFC 7644 section 3.10), which an extension's attributes
// need: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value".
// It finds nothing in an invalid resource type. The definition is shared and
// must not be changed.
func (t *ResourceType) Attribute(path string) (*Attribute, bool) {
	c, err := t.compile()
	if err != nil {
		return nil, false
	}
	parent := model.Root
	if schema, rest, sep, ok := c.model.SplitURN(path); ok {
		if sep != ':' {
			return nil, false
		}
		parent, path = schema, rest
	}
	name, sub, dotted := strings.Cut(path, ".")
	id := c.model.SubString(parent, name)
	if dotted {
		id = c.model.SubString(id, sub)
	}
	if id == model.None || c.defs[id] == nil {
		return nil, false
	}
	return c.defs[id], true
}

// Model gives t compiled for the other packages of this module. It panics if t
// is invalid: call Validate first.
func (t *ResourceType) Model() *model.Type {
	c, err := t.compile()
	if err != nil {
		panic(err)
	}
	return c.model
}
