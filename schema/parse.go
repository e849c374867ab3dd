package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/scimkit/scimkit/internal/model"
)

// Parse reads a Schema resource (RFC 7643 section 7) as other products publish
// it at /Schemas, and validates it. Characteristics that are missing or null
// have the RFC's defaults, unknown ones are ignored. Names that occur twice, in
// any letter case, are errors.
func Parse(data []byte) (*Schema, error) {
	var p problems
	s := p.schema(data)
	if err := p.err(); err != nil {
		return nil, err
	}
	if err := s.Validate(); err != nil {
		return nil, err
	}
	return s, nil
}

func (p *problems) schema(data []byte) *Schema {
	s := new(Schema)
	if !json.Valid(data) || !utf8.Valid(data) {
		p.add("", "is not valid JSON")
		return s
	}
	o := p.object("", data)
	read(o, "id", "a string", &s.ID)
	o.path = s.ID
	read(o, "name", "a string", &s.Name)
	read(o, "description", "a string", &s.Description)
	s.Attributes = o.attributes("attributes", 1)
	return s
}

// maxDepth is the depth of the deepest schema there is, that of Schema itself.
const maxDepth = 3

// attributes reads the attributes listed in the member called name.
func (o object) attributes(name string, depth int) []Attribute {
	var elements []json.RawMessage
	read(o, name, "an array of objects", &elements)
	if len(elements) > 0 && depth > maxDepth {
		o.p.add(o.path, "has sub-attributes that are nested too deep")
		return nil
	}
	var list []Attribute
	for i, data := range elements {
		e := o.p.object(o.child(fmt.Sprintf("%s[%d]", name, i), depth), data)
		list = append(list, o.attribute(e, depth))
	}
	return list
}

func (o object) attribute(e object, depth int) (a Attribute) {
	if read(e, "name", "a string", &a.Name); a.Name != "" {
		e.path = o.child(a.Name, depth)
	}
	readKeyword(e, "type", typeNames, &a.Type)
	read(e, "multiValued", "true or false", &a.MultiValued)
	read(e, "description", "a string", &a.Description)
	read(e, "required", "true or false", &a.Required)
	read(e, "canonicalValues", "an array of strings", &a.CanonicalValues)
	read(e, "caseExact", "true or false", &a.CaseExact)
	readKeyword(e, "mutability", mutabilityNames, &a.Mutability)
	readKeyword(e, "returned", returnedNames, &a.Returned)
	readKeyword(e, "uniqueness", uniquenessNames, &a.Uniqueness)
	read(e, "referenceTypes", "an array of strings", &a.ReferenceTypes)
	a.SubAttributes = e.attributes("subAttributes", depth+1)
	return a
}

// An object is a JSON object of which the characteristics are read, under
// their names in lower case.
type object struct {
	path    string
	members map[string]json.RawMessage
	p       *problems
}

func (o object) child(name string, depth int) string {
	switch {
	case o.path == "":
		return name
	case depth == 1:
		return o.path + ":" + name
	}
	return o.path + "." + name
}

// object reads data, which is valid JSON.
func (p *problems) object(path string, data []byte) object {
	o := object{path, make(map[string]json.RawMessage), p}
	dec := json.NewDecoder(bytes.NewReader(data))
	if start, _ := dec.Token(); start != json.Delim('{') {
		p.add(path, "is not a JSON object")
		return o
	}
	for dec.More() {
		var value json.RawMessage
		token, _ := dec.Token()
		dec.Decode(&value) // data is valid: no error
		name := token.(string)
		key := model.Lower(name)
		if _, twice := o.members[key]; twice {
			p.add(path, "has %q twice", name)
		}
		o.members[key] = value
	}
	return o
}

// read reads the member called name into v and tells whether there was one;
// null is the same as absence (RFC 7643 section 2.5).
func read[V any](o object, name, what string, v *V) bool {
	data, ok := o.members[model.Lower(name)]
	if !ok || string(data) == "null" {
		return false
	}
	var value V
	if err := json.Unmarshal(data, &value); err != nil {
		o.p.add(o.path, "%s is not %s", name, what)
		return false
	}
	*v = value
	return true
}

func readKeyword[K ~uint8](o object, name string, names []string, k *K) {
	var s string
	if !read(o, name, "a string", &s) {
		return
	}
	i := slices.Index(names, s)
	if i < 0 {
		o.p.add(o.path, "%s is %q; it can be %s", name, s, choice(names))
		return
	}
	*k = K(i)
}
