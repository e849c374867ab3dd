package storetest

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/scimkit/scimkit/schema"
)

// generate makes attributes from the schema: those that are required, and of
// the others a part, chosen at random. References to resources are left out.
func (k *kind) generate(part float64) map[string]any {
	attributes := make(map[string]any)
	for i, s := range k.rt.Schemas() {
		to := attributes
		if i > 0 {
			to = make(map[string]any)
		}
		k.fill(to, "", s.Attributes, part)
		if i > 0 && (len(to) > 0 && k.rand.Float64() < part || k.rt.Extensions[i-1].Required) {
			attributes[s.ID] = to
		}
	}
	if k.rand.Float64() < part {
		attributes["externalId"] = fmt.Sprintf("Ext-%d", k.next())
	}
	return attributes
}

func (k *kind) fill(to map[string]any, prefix string, list []schema.Attribute, part float64) {
	for i := range list {
		a := &list[i]
		if a.Mutability == schema.ReadOnly || a.Mutability == schema.WriteOnly || refersToResources(a) {
			continue
		}
		if !a.Required && a.Uniqueness == schema.UniqueNone && k.rand.Float64() >= part {
			continue
		}
		if v := k.value(a, prefix+a.Name, part); v != nil {
			to[a.Name] = v
		}
	}
}

// refersToResources tells whether a names resources, which a host may check.
func refersToResources(a *schema.Attribute) bool {
	for _, s := range append([]schema.Attribute{*a}, a.SubAttributes...) {
		for _, t := range s.ReferenceTypes {
			if t != "external" && t != "uri" {
				return true
			}
		}
	}
	return false
}

// value makes a value, nil for none.
func (k *kind) value(a *schema.Attribute, path string, part float64) any {
	if !a.MultiValued {
		return k.single(a, path, part)
	}
	var list []any
	primary := false
	for range 1 + k.rand.IntN(3) {
		v := k.single(a, path, part)
		if m, ok := v.(map[string]any); ok && m["primary"] == true {
			if primary {
				m["primary"] = false
			}
			primary = true
		}
		if v != nil {
			list = append(list, v)
		}
	}
	if list == nil {
		return nil
	}
	return list
}

func (k *kind) single(a *schema.Attribute, path string, part float64) any {
	switch a.Type {
	case schema.Complex:
		m := make(map[string]any)
		k.fill(m, path+".", a.SubAttributes, part)
		if v := sub(a, "value"); v != nil && m["value"] == nil && a.MultiValued {
			m["value"] = k.single(v, path+".value", part) // an element without it says nothing
		}
		if len(m) == 0 {
			return nil
		}
		return m
	case schema.Boolean:
		return k.rand.IntN(2) == 0
	case schema.Integer, schema.Decimal:
		if a.Uniqueness != schema.UniqueNone {
			return k.next()
		}
	}
	switch a.Type {
	case schema.Integer:
		return k.rand.IntN(50) - 10
	case schema.Decimal:
		return float64(k.rand.IntN(400))/8 - 10
	case schema.DateTime:
		return fmt.Sprintf("2024-%02d-%02dT08:30:00Z", 1+k.rand.IntN(12), 1+k.rand.IntN(28))
	case schema.Binary:
		return base64.StdEncoding.EncodeToString([]byte(k.word()))
	case schema.Reference:
		return fmt.Sprintf("https://example.com/%d/%s", k.next(), strings.ToLower(a.Name))
	}
	return k.text(a, strings.ToLower(path))
}

func sub(a *schema.Attribute, name string) *schema.Attribute {
	for i := range a.SubAttributes {
		if strings.EqualFold(a.SubAttributes[i].Name, name) {
			return &a.SubAttributes[i]
		}
	}
	return nil
}

// words are what people are called, and what breaks programs.
var words = []string{
	"Anna", "anna", "Zoë", "Zoe\u0308", "Müller", "Straße", "STRASSE", "İpek", "ipek", "Ωmega", "Łukasz",
	"O'Brien", `back\slash`, `quo"te`, "50% off_", "two  spaces", "日本語", "😀 smile", "tab\tin", "a.b-c+d", "x", "null", "true", "42",
}

func (k *kind) word() string { return words[k.rand.IntN(len(words))] }

// text makes a string for an attribute; path is in lower case.
func (k *kind) text(a *schema.Attribute, path string) string {
	if a.Uniqueness != schema.UniqueNone {
		return fmt.Sprintf("%s.%d@example.com", []string{"Anna", "zoë", "MÜLLER", "o'brien"}[k.rand.IntN(4)], k.next())
	}
	if len(a.CanonicalValues) > 0 {
		return a.CanonicalValues[k.rand.IntN(len(a.CanonicalValues))]
	}
	switch path {
	case "locale":
		return "en-US"
	case "preferredlanguage":
		return "de-CH"
	case "timezone":
		return "Europe/Berlin"
	case "addresses.country":
		return "DE"
	case "emails.value":
		return fmt.Sprintf("Mail.%d@example.com", k.next())
	case "phonenumbers.value":
		return fmt.Sprintf("tel:+1-201-555-%04d", k.rand.IntN(10000))
	}
	if strings.HasSuffix(path, ".type") {
		return []string{"work", "home", "other"}[k.rand.IntN(3)]
	}
	return k.word()
}
