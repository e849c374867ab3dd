// Package model holds resource types in the form that the engine works with:
// every attribute of the schema, its extensions and the common attributes
// (RFC 7643 section 3.1) in one dense table, names ready to compare and to
// write.
//
// Package schema compiles its definitions into a Type; everything else only
// reads it. A Type is immutable.
package model

import "strings"

// ID numbers an attribute within one Type. Numbers are given in the order in
// which attributes are written: a parent before its sub-attributes, so that
// the descendants of attribute i are those from i+1 up to, not including,
// Attrs[i].End.
type ID uint16

// The attributes that every resource type has, at fixed places.
const (
	Root       ID = 0
	Schemas    ID = 1
	IDAttr     ID = 2
	ExternalID ID = 3
	// None says that there is no such attribute.
	None ID = 0xFFFF
)

// Kind is the data type of an attribute (RFC 7643 section 2.3).
type Kind uint8

// The data types, in the order of the constants of package schema.
const (
	String Kind = iota
	Boolean
	Decimal
	Integer
	DateTime
	Binary
	Reference
	Complex
)

var kindNames = [...]string{"string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"}

// String gives the name that RFC 7643 uses.
func (k Kind) String() string { return kindNames[k] }

// Mutability tells who may write an attribute (RFC 7643 section 7).
type Mutability uint8

// The mutabilities; the zero value is the RFC's default.
const (
	ReadWrite Mutability = iota
	ReadOnly
	Immutable
	WriteOnly
)

// Returned tells when an attribute is in a response (RFC 7643 section 7).
type Returned uint8

// The values of returned; the zero value is the RFC's default.
const (
	Default Returned = iota
	Always
	Never
	Request
)

// Attr is one attribute, sub-attribute or extension container.
type Attr struct {
	ID, Parent ID
	End        ID     // one more than the last descendant
	Name       string // schema spelling; the URN for an extension container
	Path       string // full path: "name.givenName", "urn:…:User:manager.value"
	Key        string // `"name":`, ready to write
	Schema     string // URN of the schema that defines it; "" for common attributes

	Kind       Kind
	Mutability Mutability
	Returned   Returned
	Multi      bool
	Required   bool
	CaseExact  bool
	Unique     bool // uniqueness server or global
	Extension  bool // the container of an extension's attributes
	Canonical  []string
	References []string // resource type names, "external" or "uri"

	// The default sub-attributes of RFC 7643 section 2.4, None where there is none.
	Value, TypeSub, Primary, Display, Ref ID

	// ResourceRef: a complex attribute that refers to SCIM resources, so that
	// its $ref is computed from its value ("members", "groups", "manager").
	ResourceRef bool

	// Must are the sub-attributes that a value must have: required, and not
	// left to the service provider.
	Must []ID

	names map[string]ID // sub-attributes: lower-case ASCII name -> ID
}

// Type is a compiled resource type.
type Type struct {
	Name, Endpoint string
	SchemaURN      string
	Attrs          []Attr
	Extensions     []Extension
	Meta           ID // meta and, from here, its sub-attributes
	MetaType, MetaCreated, MetaLastModified,
	MetaLocation, MetaVersion ID

	// HasHidden: some attribute is not in a response unless asked for
	// (returned never or request, or writeOnly).
	HasHidden bool
	// HasRefs: some attribute has ResourceRef.
	HasRefs bool
	// Secrets are the top-level attributes that are writeOnly or hold
	// attributes that are.
	Secrets []ID
	// SingleRefs are the single-valued attributes with ResourceRef whose value
	// alone says what they refer to ("manager").
	SingleRefs []ID

	schemas map[string]ID // lower-case URN -> Root or extension container
}

// Extension is a schema extension of a Type.
type Extension struct {
	URN      string
	ID       ID // its container
	Required bool
}

// Attr gives the attribute numbered id.
func (t *Type) Attr(id ID) *Attr { return &t.Attrs[id] }

// Is tells whether id is a or a descendant of a.
func (t *Type) Is(id, a ID) bool { return id >= a && id < t.Attrs[a].End }

// Sub finds the attribute called name, in any letter case, directly below
// parent. At the root, the names are those of the core schema, the common
// attributes and the URNs of the extensions.
func (t *Type) Sub(parent ID, name []byte) ID {
	if int(parent) >= len(t.Attrs) || len(name) > maxName {
		return None
	}
	a := &t.Attrs[parent]
	if id, ok := a.names[string(name)]; ok {
		return id
	}
	var lower [maxName]byte
	n := lower[:len(name)]
	changed := false
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
			changed = true
		}
		n[i] = c
	}
	if !changed {
		return None
	}
	if id, ok := a.names[string(n)]; ok {
		return id
	}
	return None
}

const maxName = 256

// SubString is Sub for a string.
func (t *Type) SubString(parent ID, name string) ID {
	if len(name) > maxName {
		return None
	}
	if int(parent) >= len(t.Attrs) {
		return None
	}
	if id, ok := t.Attrs[parent].names[name]; ok {
		return id
	}
	if id, ok := t.Attrs[parent].names[Lower(name)]; ok {
		return id
	}
	return None
}

// SchemaContainer finds the schema called urn, in any letter case: Root for
// the core schema, the container for an extension, None otherwise.
func (t *Type) SchemaContainer(urn string) ID {
	if id, ok := t.schemas[Lower(urn)]; ok {
		return id
	}
	return None
}

// SplitURN splits a path that begins with the URN of a known schema, in any
// letter case, into that schema's container and the rest after sep. The
// longest URN wins. It gives ok=false where no known URN leads. The rest is ""
// when the path is the URN alone.
func (t *Type) SplitURN(path string) (container ID, rest string, sep byte, ok bool) {
	best := -1
	for urn, id := range t.schemas {
		n := len(urn)
		if n <= best || len(path) < n || !EqualFold(path[:n], urn) {
			continue
		}
		if len(path) == n {
			best, container, rest, sep, ok = n, id, "", 0, true
		} else if c := path[n]; c == ':' || c == '.' {
			best, container, rest, sep, ok = n, id, path[n+1:], c, true
		}
	}
	return container, rest, sep, ok
}

// InOneExtension finds the attribute called name that exactly one extension
// has; None where none or several have it.
func (t *Type) InOneExtension(name string) ID {
	found := None
	for _, e := range t.Extensions {
		if id := t.SubString(e.ID, name); id != None {
			if found != None {
				return None
			}
			found = id
		}
	}
	return found
}

// Finish computes what follows from the attribute table: the name tables and
// the flags. Package schema calls it once, at the end of compiling.
func (t *Type) Finish() {
	t.schemas = map[string]ID{Lower(t.SchemaURN): Root}
	for _, e := range t.Extensions {
		t.schemas[Lower(e.URN)] = e.ID
	}
	for i := range t.Attrs {
		a := &t.Attrs[i]
		a.Value, a.TypeSub, a.Primary, a.Display, a.Ref = None, None, None, None, None
		a.Must = nil
		if a.Kind == Complex || ID(i) == Root {
			a.names = make(map[string]ID)
		}
	}
	for i := range t.Attrs {
		a := &t.Attrs[i]
		if a.ID == Root {
			continue
		}
		p := &t.Attrs[a.Parent]
		// The exact spelling is a key of its own: most names need no folding.
		p.names[Lower(a.Name)] = a.ID
		p.names[a.Name] = a.ID
		if a.Required && a.Mutability != ReadOnly {
			p.Must = append(p.Must, a.ID)
		}
		if a.Returned == Never || a.Returned == Request || a.Mutability == WriteOnly {
			t.HasHidden = true
		}
		if p.ID != Root && !p.Extension {
			p.noteDefault(a)
		}
	}
	t.Secrets = nil
	for id := ID(1); int(id) < len(t.Attrs); id = t.Attrs[id].End {
		if t.hasSecret(id) {
			t.Secrets = append(t.Secrets, id)
		}
	}
	for i := range t.Attrs {
		if a := &t.Attrs[i]; a.refersToResources(t) {
			a.ResourceRef = true
			t.HasRefs = true
			if !a.Multi && a.TypeSub == None {
				t.SingleRefs = append(t.SingleRefs, a.ID)
			}
		}
	}
}

func (t *Type) hasSecret(id ID) bool {
	for i := id; i < t.Attrs[id].End; i++ {
		if t.Attrs[i].Mutability == WriteOnly {
			return true
		}
	}
	return false
}

// noteDefault remembers a default sub-attribute of RFC 7643 section 2.4.
func (a *Attr) noteDefault(sub *Attr) {
	switch Lower(sub.Name) {
	case "value":
		a.Value = sub.ID
	case "type":
		a.TypeSub = sub.ID
	case "primary":
		if sub.Kind == Boolean {
			a.Primary = sub.ID
		}
	case "display", "displayname":
		if a.Display == None {
			a.Display = sub.ID
		}
	case "$ref":
		a.Ref = sub.ID
	}
}

func (a *Attr) refersToResources(t *Type) bool {
	if a.Ref == None || a.Value == None {
		return false
	}
	for _, r := range t.Attrs[a.Ref].References {
		if r != "external" && r != "uri" {
			return true
		}
	}
	return false
}

// Lower maps the ASCII letters of s to lower case; attribute names and URNs
// have no others (RFC 7643 section 2.1).
func Lower(s string) string {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return strings.Map(func(r rune) rune {
				if 'A' <= r && r <= 'Z' {
					return r + 'a' - 'A'
				}
				return r
			}, s)
		}
	}
	return s
}

// EqualFold compares as Lower does.
func EqualFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := 0; i < len(a); i++ {
		x, y := a[i], b[i]
		if x == y {
			continue
		}
		if 'A' <= x && x <= 'Z' {
			x += 'a' - 'A'
		}
		if 'A' <= y && y <= 'Z' {
			y += 'a' - 'A'
		}
		if x != y {
			return false
		}
	}
	return true
}
