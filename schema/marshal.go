package schema

import (
	"encoding/json"
	"strings"
)

const urnSchema = "urn:ietf:params:scim:schemas:core:2.0:Schema"

type schemaJSON struct {
	Schemas     []string        `json:"schemas"`
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Attributes  []attributeJSON `json:"attributes"`
}

type attributeJSON struct {
	Name            string          `json:"name"`
	Type            string          `json:"type"`
	MultiValued     bool            `json:"multiValued"`
	Description     string          `json:"description,omitempty"`
	Required        bool            `json:"required"`
	CanonicalValues []string        `json:"canonicalValues,omitempty"`
	CaseExact       *bool           `json:"caseExact,omitempty"`
	Mutability      string          `json:"mutability"`
	Returned        string          `json:"returned"`
	Uniqueness      string          `json:"uniqueness,omitempty"`
	ReferenceTypes  []string        `json:"referenceTypes,omitempty"`
	SubAttributes   []attributeJSON `json:"subAttributes,omitempty"`
}

// MarshalJSON gives the Schema resource of s (RFC 7643 section 7) without its
// meta, which depends on where it is served. Every characteristic that applies
// to an attribute is there, the defaults too; caseExact and uniqueness are left
// out for the types that have none.
func (s *Schema) MarshalJSON() ([]byte, error) {
	r := schemaJSON{
		Schemas:     []string{urnSchema},
		ID:          s.ID,
		Name:        s.Name,
		Description: s.Description,
		Attributes:  attributesJSON(s.Attributes),
	}
	if r.Name == "" { // section 7 and the schema of section 8.7.2 differ on whether it is required
		r.Name = s.ID[strings.LastIndexByte(s.ID, ':')+1:]
	}
	if r.Attributes == nil {
		r.Attributes = []attributeJSON{}
	}
	return json.Marshal(r)
}

func attributesJSON(list []Attribute) []attributeJSON {
	var out []attributeJSON
	for i := range list {
		a := &list[i]
		j := attributeJSON{
			Name:            a.Name,
			Type:            a.Type.String(),
			MultiValued:     a.MultiValued,
			Description:     a.Description,
			Required:        a.Required,
			CanonicalValues: a.CanonicalValues,
			Mutability:      a.Mutability.String(),
			Returned:        a.returned().String(),
			ReferenceTypes:  a.ReferenceTypes,
			SubAttributes:   attributesJSON(a.SubAttributes),
		}
		if a.Type.hasCase() {
			exact := a.caseExact()
			j.CaseExact = &exact
		}
		if a.Type.hasUniqueness() {
			j.Uniqueness = a.Uniqueness.String()
		}
		out = append(out, j)
	}
	return out
}
