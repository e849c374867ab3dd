package patch

import (
	"bytes"
	"encoding/json"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
	"github.com/scimkit/scimkit/internal/vectors"
)

type vector struct {
	ID           string
	ResourceType string
	Before       json.RawMessage
	Ops          json.RawMessage
	After        json.RawMessage
	Error        *struct{ ScimType string }
	Flag         string
	Open         []string
	Sources      []struct{ Says json.RawMessage }
}

// A deviation is a vector that comes out otherwise than it says under the
// letter of the RFC: with an error, with attributes that differ, or as its
// source has it.
type deviation struct {
	reason   string
	scimType string
	differs  string // attributes, as JSON; null for those that are gone
	says     bool
}

var deviations = func() map[string]deviation {
	all := map[string]deviation{}
	group := func(d deviation, ids ...string) {
		for _, id := range ids {
			all[id] = d
		}
	}
	group(deviation{scimType: invalidFilter, reason: "RFC 7644 table 9 has invalidFilter for filters in PATCH paths, and so do the project's examples"},
		"p0028", "p0031", "p0434", "p0440")
	group(deviation{scimType: invalidFilter, reason: "a boolean does not compare with a string (RFC 7644 table 9): nothing is to be silently not found"},
		"p0380", "p0381", "p0382", "p0383", "p0384")
	group(deviation{scimType: invalidValue, reason: "R-346: a remove with a list of values must not empty the attribute"},
		"p0314", "p0315", "p0316", "p0400", "p0401", "p0403", "p0411", "p0412", "p0413", "p0414", "p0435", "p0436", "p0438", "p0457")
	group(deviation{scimType: invalidPath, reason: "no schema can define a complex attribute inside a complex one (RFC 7643 section 2.3.8)"},
		"p0309", "p0310", "p0311", "p0312", "p0313")
	group(deviation{scimType: invalidValue, reason: "errata section 4: two primaries are refused"}, "p0302", "p0420", "p0421")
	group(deviation{scimType: invalidValue, reason: "the URI is no schema of the resource type"}, "p0387", "p0394")
	group(deviation{says: true, reason: "errata section 4: nothing to remove is no error"}, "p0350")
	group(deviation{says: true, reason: "the schema of the case is as its source has it"},
		"p0289", "p0291", "p0322", "p0323", "p0324", "p0331", "p0332", "p0333", "p0417", "p0424", "p0426", "p0428")
	group(deviation{differs: `{"urn:ivixvi:testSchema":{"testString":["newValue"]}}`, reason: "what before shows is multi-valued"}, "p0360")
	group(deviation{differs: `{"urn:ivixvi:testSchema":{"testString":["value"]}}`, reason: "what before shows is multi-valued"}, "p0339", "p0361")
	group(deviation{differs: `{"urn:ivixvi:testSchema":{"testString":["value","newValue"]}}`, reason: "what before shows is multi-valued"}, "p0338")
	merge := "errata section 4: a value path without sub-attribute merges"
	group(deviation{differs: `{"surName":[{"additional":"additional","primary":true,"value":"bogus"}]}`, reason: merge}, "p0271")
	group(deviation{differs: `{"surName":[{"additional":"additional","primary":true,"value":"bogus2"}]}`, reason: merge}, "p0272")
	group(deviation{differs: `{"emails":[{"value":"addr1@email.com","primary":true,"newProperty":"pre"},
		{"value":"addr2@email.com","primary":false,"newProperty":"post"},{"value":"addr3@email.com","primary":false,"newProperty":"post"},
		{"value":"addr4@email.com","primary":false,"newProperty":"post"}]}`, reason: merge}, "p0276")
	group(deviation{differs: `{"emails":[{"type":"work","value":"ivixvi-updated@example.com","primary":true}]}`, reason: merge}, "p0357")
	group(deviation{differs: `{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"67890","manager":
		{"value":"super-manager-789","displayName":"John Smith","$ref":"https://example.com/Users/super-manager-789"}}}`,
		reason: "manager.displayName is readOnly: the provider's"}, "p0399")
	group(deviation{differs: `{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"key":"value"}}`,
		reason: "unknown attributes of a value go by the policy, here to keep them"}, "p0422")
	group(deviation{differs: `{"members":null}`, reason: "two members of the same value are one (RFC 7643 section 2.4)"}, "p0437")
	return all
}()

func TestVectors(t *testing.T) {
	var file struct{ Cases []vector }
	vectors.Read(t, "patch.json", &file)
	for _, c := range file.Cases {
		t.Run(c.ID, func(t *testing.T) {
			o := strict(quirk.OpCase, quirk.PathKeys)
			o.Values.Unknown = document.KeepUnknown
			c.compare(t, c.want(t), c.result(t, o))
		})
	}
	if len(file.Cases) != 458 {
		t.Errorf("%d cases, not 458: look through the deviations", len(file.Cases))
	}
}

// interopKept are the vectors of identity providers that come out otherwise
// than their source says even with all tolerance.
var interopKept = map[string]string{
	"p0303": "RFC 7644 section 3.5.2: a new primary makes the others false",
	"p0325": "errata section 4: replace of a complex attribute merges",
	"p0329": "errata section 4: replace of a complex attribute merges",
	"p0441": "errata section 4: replace of a complex attribute merges",
	"p0409": "RFC 7644 section 3.5.2.2: a single value is removed, whatever it is",
	"p0420": "with tolerance the last of two primaries stays",
	"p0421": "with tolerance the last of two primaries stays",
}

// TestVectorsTolerated runs what identity providers send, and what the RFC
// leaves to implementations, with all tolerance: it comes out as its source
// says.
func TestVectorsTolerated(t *testing.T) {
	var file struct{ Cases []vector }
	vectors.Read(t, "patch.json", &file)
	n := 0
	for _, c := range file.Cases {
		if _, kept := interopKept[c.ID]; kept || c.Flag != "implementation-specific" && c.Flag != "interop (Entra ID)" {
			continue
		}
		n++
		t.Run(c.ID, func(t *testing.T) {
			o := tolerant()
			o.Values.Unknown = document.KeepUnknown
			c.compare(t, c.says(t), c.result(t, o))
		})
	}
	if n < 20 {
		t.Errorf("only %d cases", n)
	}
}

func (c *vector) compare(t *testing.T, want, got any) {
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s %s %v\nops %s\nbefore %s\n(-want +got):\n%s", c.Flag, c.ResourceType, c.Open, c.Ops, c.Before, diff)
	}
}

// result is the scimType of the error, or the resource.
func (c *vector) result(t *testing.T, o Options) any {
	before := load(t, c.typ(t), string(c.Before))
	after, _, err := send(before, message(string(c.Ops)), o)
	if err != nil {
		return scimType(err)
	}
	return plain(decode(t, after.Bytes()))
}

func (c *vector) want(t *testing.T) any {
	d, ok := deviations[c.ID]
	switch {
	case d.scimType != "":
		return d.scimType
	case d.says:
		return c.says(t)
	case ok:
		want := decode(t, c.Before)
		maps.Copy(want, decode(t, []byte(d.differs)))
		return plain(want)
	case c.Error != nil:
		return c.Error.ScimType
	}
	return plain(decode(t, c.After))
}

// says is what the source of the case expects.
func (c *vector) says(t *testing.T) any {
	var says struct {
		Error string
		After map[string]any
	}
	if err := json.Unmarshal(c.Sources[0].Says, &says); err != nil {
		t.Fatal(err)
	}
	if says.Error != "" {
		return says.Error
	}
	return plain(says.After)
}

// plain leaves out schemas, which follow from the data, and what is empty.
func plain(v map[string]any) map[string]any {
	delete(v, "schemas")
	for k, x := range v {
		list, ok := x.([]any)
		if ok && len(list) == 0 || x == nil {
			delete(v, k)
		}
		for _, e := range list {
			if m, ok := e.(map[string]any); ok {
				plain(m)
			}
		}
	}
	return v
}

// typ is the resource type of the case. Attributes that the RFC requires are
// optional where the resource lacks them.
func (c *vector) typ(t *testing.T) *model.Type {
	base := userType
	switch c.ResourceType {
	case "Group":
		base = groupType
	case "custom":
		base = c.infer(t)
	}
	typ := *base
	typ.Attrs = append([]model.Attr(nil), base.Attrs...)
	for i := range typ.Attrs {
		a := &typ.Attrs[i]
		if a.Parent == model.Root && !bytes.Contains(c.Before, []byte(`"`+a.Name+`"`)) {
			a.Required = false
		}
	}
	typ.Finish()
	return &typ
}

type bodyVector struct {
	ID, Kind, Flag, Note string
	Body                 json.RawMessage
	Valid                bool
}

func TestBodyVectors(t *testing.T) {
	var file struct{ Cases []bodyVector }
	vectors.Read(t, "validation.json", &file)
	n := 0
	for _, c := range file.Cases {
		if c.Kind != "patch-body" {
			continue
		}
		n++
		t.Run(c.ID, func(t *testing.T) {
			o := strict()
			if c.Flag == "implementation-specific" {
				o = tolerant()
			}
			_, err := Parse(c.Body, userType, o)
			if (err == nil) != c.Valid {
				t.Errorf("%s\n%s\nerror %v, want valid %t", c.Note, c.Body, err, c.Valid)
			}
		})
	}
	if n == 0 {
		t.Error("there is no case")
	}
}
