package schema_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimkit/scimkit/schema"
)

const carURN = "urn:example:schemas:Car"

// messages gives the lines of err, each of which must be a DefinitionError.
func messages(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("%T does not hold several errors", err)
	}
	var list []string
	for _, e := range joined.Unwrap() {
		var d *schema.DefinitionError
		if !errors.As(e, &d) {
			t.Fatalf("%T %v is not a DefinitionError", e, e)
		}
		list = append(list, d.Path+": "+d.Msg)
	}
	return list
}

// wantMessages tells whether each line has what is wanted at its place.
func wantMessages(t *testing.T, err error, want ...string) {
	t.Helper()
	got := messages(t, err)
	if len(got) != len(want) {
		t.Fatalf("got %d errors, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("error %d: got %q, want %q in it", i, got[i], want[i])
		}
	}
}

func TestInvalidAttribute(t *testing.T) {
	sub := []schema.Attribute{{Name: "value"}}
	for _, tt := range []struct {
		name string
		attr schema.Attribute
		want string // "" where the attribute is valid
	}{
		{"zero value", schema.Attribute{Name: "x"}, ""},
		{"name with all characters", schema.Attribute{Name: "x-Y_9$z"}, ""},
		{"name $ref", schema.Attribute{Name: "$ref", Type: schema.Reference, ReferenceTypes: []string{"uri"}}, ""},
		{"no name", schema.Attribute{}, "Car:attributes[0]: has no name"},
		{"name begins with a digit", schema.Attribute{Name: "1abc"}, "Car:1abc: is not an attribute name"},
		{"name with a dot", schema.Attribute{Name: "a.b"}, "is not an attribute name"},
		{"name with a colon", schema.Attribute{Name: "a:b"}, "is not an attribute name"},
		{"name with a letter beyond ASCII", schema.Attribute{Name: "größe"}, "is not an attribute name"},
		{"name begins with $", schema.Attribute{Name: "$value"}, "is not an attribute name"},
		{"long name", schema.Attribute{Name: strings.Repeat("x", 257)}, "is longer than 256"},
		{"unknown type", schema.Attribute{Name: "x", Type: 8}, "has the unknown type Type(8)"},
		{"unknown mutability", schema.Attribute{Name: "x", Mutability: 4}, "has the unknown mutability Mutability(4)"},
		{"unknown returned", schema.Attribute{Name: "x", Returned: 4}, "has the unknown returned Returned(4)"},
		{"unknown uniqueness", schema.Attribute{Name: "x", Uniqueness: 3}, "has the unknown uniqueness Uniqueness(3)"},

		{"caseExact boolean", schema.Attribute{Name: "x", Type: schema.Boolean, CaseExact: true}, "boolean values have no case"},
		{"caseExact integer", schema.Attribute{Name: "x", Type: schema.Integer, CaseExact: true}, "integer values have no case"},
		{"caseExact decimal", schema.Attribute{Name: "x", Type: schema.Decimal, CaseExact: true}, "decimal values have no case"},
		{"caseExact dateTime", schema.Attribute{Name: "x", Type: schema.DateTime, CaseExact: true}, "dateTime values have no case"},
		{"caseExact complex", schema.Attribute{Name: "x", Type: schema.Complex, SubAttributes: sub, CaseExact: true}, "complex values have no case"},
		{"caseExact binary", schema.Attribute{Name: "x", Type: schema.Binary, CaseExact: true}, ""},
		{"unique boolean", schema.Attribute{Name: "x", Type: schema.Boolean, Uniqueness: schema.UniqueServer}, "has uniqueness server, but boolean values"},
		{"unique dateTime", schema.Attribute{Name: "x", Type: schema.DateTime, Uniqueness: schema.UniqueGlobal}, "has uniqueness global, but dateTime values"},
		{"unique binary", schema.Attribute{Name: "x", Type: schema.Binary, Uniqueness: schema.UniqueServer}, "binary values have no uniqueness"},
		{"unique complex", schema.Attribute{Name: "x", Type: schema.Complex, SubAttributes: sub, Uniqueness: schema.UniqueServer}, "complex values have no uniqueness"},
		{"unique integer", schema.Attribute{Name: "x", Type: schema.Integer, Uniqueness: schema.UniqueServer}, ""},

		{"writeOnly", schema.Attribute{Name: "x", Mutability: schema.WriteOnly}, ""},
		{"writeOnly, returned never", schema.Attribute{Name: "x", Mutability: schema.WriteOnly, Returned: schema.ReturnedNever}, ""},
		{"writeOnly, returned always", schema.Attribute{Name: "x", Mutability: schema.WriteOnly, Returned: schema.ReturnedAlways}, "is writeOnly and returned always"},
		{"writeOnly, returned request", schema.Attribute{Name: "x", Mutability: schema.WriteOnly, Returned: schema.ReturnedRequest}, "is writeOnly and returned request"},

		{"canonical values of an integer", schema.Attribute{Name: "x", Type: schema.Integer, CanonicalValues: []string{"1"}}, "has canonical values; only strings"},
		{"empty canonical value", schema.Attribute{Name: "x", CanonicalValues: []string{"a", ""}}, "has an empty canonical value"},
		{"canonical values differ in case", schema.Attribute{Name: "x", CanonicalValues: []string{"a", "A"}}, `has the canonical value "A" twice`},
		{"case-exact canonical values differ in case", schema.Attribute{Name: "x", CaseExact: true, CanonicalValues: []string{"a", "A"}}, ""},
		{"reference without reference types", schema.Attribute{Name: "x", Type: schema.Reference}, "is a reference without reference types"},
		{"reference types of a string", schema.Attribute{Name: "x", ReferenceTypes: []string{"User"}}, "has reference types; only references"},
		{"empty reference type", schema.Attribute{Name: "x", Type: schema.Reference, ReferenceTypes: []string{""}}, "has an empty reference type"},
		{"reference type twice", schema.Attribute{Name: "x", Type: schema.Reference, ReferenceTypes: []string{"User", "User"}}, `has the reference type "User" twice`},

		{"sub-attributes of a string", schema.Attribute{Name: "x", SubAttributes: sub}, "has sub-attributes, but its type is string"},
		{"complex without sub-attributes", schema.Attribute{Name: "x", Type: schema.Complex}, "is complex and has no sub-attributes"},
		{"complex in complex", complexOf(false, schema.Attribute{Name: "y", Type: schema.Complex, SubAttributes: sub}), "Car:x.y: is a complex sub-attribute"},
		{"sub-attribute without name", complexOf(false, schema.Attribute{}), "Car:x.subAttributes[0]: has no name"},
		{"sub-attribute name", complexOf(false, schema.Attribute{Name: "a b"}), "Car:x.a b: is not an attribute name"},
		{"same sub-attribute twice", complexOf(false, schema.Attribute{Name: "value"}, schema.Attribute{Name: "Value"}), "Car:x.Value: is there twice"},

		{"primary is a string", complexOf(true, schema.Attribute{Name: "primary"}), "Car:x.primary: is to be a single boolean"},
		{"primary, single-valued attribute", complexOf(false, schema.Attribute{Name: "primary"}), ""},
		{"many primaries", complexOf(true, schema.Attribute{Name: "Primary", Type: schema.Boolean, MultiValued: true}), "is to be a single boolean"},
		{"type is an integer", complexOf(true, schema.Attribute{Name: "type", Type: schema.Integer}), "is to be a single string"},
		{"display is a boolean", complexOf(true, schema.Attribute{Name: "display", Type: schema.Boolean}), "is to be a single string"},
		{"$ref is a string", complexOf(true, schema.Attribute{Name: "$ref"}), "is to be a single reference"},
		{"value is an integer", complexOf(true, schema.Attribute{Name: "value", Type: schema.Integer}), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &schema.Schema{ID: carURN, Attributes: []schema.Attribute{tt.attr}}
			if tt.want == "" {
				wantMessages(t, s.Validate())
			} else {
				wantMessages(t, s.Validate(), tt.want)
			}
		})
	}
}

func complexOf(multi bool, subs ...schema.Attribute) schema.Attribute {
	return schema.Attribute{Name: "x", Type: schema.Complex, MultiValued: multi, SubAttributes: subs}
}

func TestInvalidSchema(t *testing.T) {
	for _, tt := range []struct {
		name, id, want string
	}{
		{"of one's own", "urn:example:schemas:Car", ""},
		{"in SCIM's namespace", "urn:ietf:params:scim:schemas:extension:acme:2.0:User", ""},
		{"upper case", "URN:Example:Car", ""},
		{"none", "", "has no ID"},
		{"no URN", "https://example.com/Car", "is not a URN"},
		{"a word", "Car", "is not a URN"},
		{"no name", "urn:example:", "is not a URN"},
		{"namespace alone", "urn:example", "is not a URN"},
		{"no namespace", "urn::Car", "is not a URN"},
		{"colon at the end", "urn:example:Car:", "is not a URN"},
		{"space", "urn:example:My Car", "is not a URN"},
		{"quote", `urn:example:"Car"`, "is not a URN"},
		{"bracket", "urn:example:Car[1]", "is not a URN"},
		{"comma", "urn:example:Car,Bus", "is not a URN"},
		{"underscore in the namespace", "urn:ex_ample:Car", "is not a URN"},
		{"beyond ASCII", "urn:example:Größe", "is not a URN"},
		{"long", "urn:example:" + strings.Repeat("x", 256), "is longer than 256"},
		{"reserved api", "urn:ietf:params:scim:api:messages:2.0:Car", "is reserved"},
		{"reserved param", "urn:ietf:params:scim:param:Car", "is reserved"},
		{"reserved, upper case", "URN:IETF:params:SCIM:API:Car", "is reserved"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &schema.Schema{ID: tt.id, Attributes: []schema.Attribute{{Name: "plate"}}}
			if tt.want == "" {
				wantMessages(t, s.Validate())
			} else {
				wantMessages(t, s.Validate(), tt.want)
			}
		})
	}
	t.Run("no attributes", func(t *testing.T) {
		wantMessages(t, (&schema.Schema{ID: carURN}).Validate(), carURN+": has no attributes")
	})
	t.Run("same attribute twice", func(t *testing.T) {
		s := &schema.Schema{ID: carURN, Attributes: []schema.Attribute{{Name: "plate"}, {Name: "PLATE"}}}
		wantMessages(t, s.Validate(), carURN+":PLATE: is there twice")
	})
	t.Run("everything at once", func(t *testing.T) {
		s := &schema.Schema{Name: "Car", Attributes: []schema.Attribute{{Name: "1"}, {Name: "x", Type: schema.Complex, CaseExact: true}}}
		wantMessages(t, s.Validate(), "Car: has no ID", "Car:1: is not an attribute name", "Car:x: is caseExact", "Car:x: is complex and has no")
	})
	t.Run("message without path", func(t *testing.T) {
		err := (&schema.ResourceType{}).Validate()
		if !strings.HasPrefix(err.Error(), "schema: a resource type has no name\n") {
			t.Errorf("got %q", err)
		}
	})
}

func TestInvalidResourceType(t *testing.T) {
	car := &schema.Schema{ID: carURN, Attributes: []schema.Attribute{{Name: "plate"}}}
	for _, tt := range []struct {
		name string
		rt   *schema.ResourceType
		want []string
	}{
		{"nothing", &schema.ResourceType{}, []string{"has no name", "has no endpoint", "has no schema"}},
		{"valid", &schema.ResourceType{Name: "Car", Endpoint: "/Cars", Schema: car}, nil},
		{"valid, odd", &schema.ResourceType{Name: "Car_2.0", Endpoint: "/Cars-v2.0_x", Schema: car}, nil},
		{"name with a space", &schema.ResourceType{Name: "My Car", Endpoint: "/Cars", Schema: car}, []string{"My Car: is not the name"}},
		{"name external", &schema.ResourceType{Name: "external", Endpoint: "/Cars", Schema: car}, []string{"is reserved"}},
		{"name uri", &schema.ResourceType{Name: "uri", Endpoint: "/Cars", Schema: car}, []string{"is reserved"}},
		{"invalid schema", &schema.ResourceType{Name: "Car", Endpoint: "/Cars", Schema: &schema.Schema{ID: carURN}}, []string{carURN + ": has no attributes"}},
		{"narrowed too far", &schema.ResourceType{Name: "User", Endpoint: "/Users", Schema: schema.User().Only("title")}, []string{"userName: cannot be left out"}},
		{"extension without schema", &schema.ResourceType{Name: "Car", Endpoint: "/Cars", Schema: car, Extensions: []schema.Extension{{}}}, []string{"Car: has no schema"}},
		{"extension equal to the core", &schema.ResourceType{Name: "Car", Endpoint: "/Cars", Schema: car, Extensions: []schema.Extension{
			{Schema: &schema.Schema{ID: strings.ToUpper(carURN), Attributes: car.Attributes}},
		}}, []string{"Car: has the schema " + strings.ToUpper(carURN) + " twice"}},
		{"extension twice", &schema.ResourceType{Name: "User", Endpoint: "/Users", Schema: schema.User(), Extensions: []schema.Extension{
			{Schema: schema.EnterpriseUser()}, {Schema: schema.EnterpriseUser(), Required: true},
		}}, []string{"enterprise:2.0:User twice"}},
		{"invalid extension", &schema.ResourceType{Name: "Car", Endpoint: "/Cars", Schema: car, Extensions: []schema.Extension{
			{Schema: &schema.Schema{ID: "urn:example:x", Attributes: []schema.Attribute{{Name: "a.b"}}}},
		}}, []string{"urn:example:x:a.b: is not an attribute name"}},
		{"extension redefines a core attribute", &schema.ResourceType{Name: "Car", Endpoint: "/Cars", Schema: car, Extensions: []schema.Extension{
			{Schema: &schema.Schema{ID: "urn:example:x", Attributes: []schema.Attribute{{Name: "plate", Type: schema.Integer}}}},
		}}, nil},
		{"too many attributes", &schema.ResourceType{Name: "Car", Endpoint: "/Cars", Schema: &schema.Schema{ID: carURN, Attributes: many(65000)}}, []string{"Car: has 65001 attributes; the limit is 65000"}},
	} {
		t.Run(tt.name, func(t *testing.T) { wantMessages(t, tt.rt.Validate(), tt.want...) })
	}
}

func many(n int) []schema.Attribute {
	list := make([]schema.Attribute, n)
	for i := range list {
		list[i].Name = fmt.Sprintf("a%d", i)
	}
	return list
}

func TestEndpoint(t *testing.T) {
	for endpoint, want := range map[string]string{
		"/Users":                  "",
		"/api.cars":               "",
		"":                        "has no endpoint",
		"Users":                   "is to be one path segment",
		"/":                       "is to be one path segment",
		"//Users":                 "is to be one path segment",
		"/Users/":                 "is to be one path segment",
		"/v2/Users":               "is to be one path segment",
		"/..":                     "is to be one path segment",
		"/.search":                "is to be one path segment",
		"/My Users":               "is to be one path segment",
		"/Users%2F":               "is to be one path segment",
		"/Users?x":                "is to be one path segment",
		"/{tenant}":               "is to be one path segment",
		"/Größen":                 "is to be one path segment",
		"/Schemas":                "which the protocol needs itself",
		"/schemas":                "which the protocol needs itself",
		"/ResourceTypes":          "which the protocol needs itself",
		"/ServiceProviderConfig":  "which the protocol needs itself",
		"/ServiceProviderConfigs": "which the protocol needs itself",
		"/Bulk":                   "which the protocol needs itself",
		"/Me":                     "which the protocol needs itself",
	} {
		t.Run(endpoint, func(t *testing.T) {
			rt := schema.GroupType()
			rt.Endpoint = endpoint
			if want == "" {
				wantMessages(t, rt.Validate())
			} else {
				wantMessages(t, rt.Validate(), want)
			}
		})
	}
}

func TestOnlyWithout(t *testing.T) {
	const urn = "urn:ietf:params:scim:schemas:core:2.0:User:"
	subs := func(s *schema.Schema) map[string][]string {
		m := make(map[string][]string)
		for _, a := range s.Attributes {
			m[a.Name] = nil
			for _, sub := range a.SubAttributes {
				m[a.Name] = append(m[a.Name], sub.Name)
			}
		}
		return m
	}
	for _, tt := range []struct {
		name   string
		schema *schema.Schema
		want   map[string][]string // nil: not compared
		errs   []string
	}{
		{"only", schema.User().Only("userName", "active"),
			map[string][]string{"userName": nil, "active": nil}, nil},
		{"only, any letter case", schema.User().Only("USERNAME", "Name.GivenName"),
			map[string][]string{"userName": nil, "name": {"givenName"}}, nil},
		{"only, attribute and its sub-attribute", schema.User().Only("userName", "groups", "groups.value"),
			map[string][]string{"userName": nil, "groups": {"value", "$ref", "display", "type"}}, nil},
		{"only, common attributes", schema.User().Only("userName", "id", "externalId", "meta.created", "schemas"),
			map[string][]string{"userName": nil}, nil},
		{"only, in two steps", schema.User().Only("userName", "groups", "title").Only("userName", "groups.value"),
			map[string][]string{"userName": nil, "groups": {"value"}}, nil},
		{"without", schema.Group().Without("members"),
			map[string][]string{"displayName": nil}, nil},
		{"without a sub-attribute", schema.Group().Without("MEMBERS.$REF", "members.display"),
			map[string][]string{"displayName": nil, "members": {"value", "type"}}, nil},
		{"only, then without", schema.User().Only("userName", "name").Without("name.formatted", "name.middleName", "name.honorificPrefix", "name.honorificSuffix"),
			map[string][]string{"userName": nil, "name": {"familyName", "givenName"}}, nil},

		{"only, unknown names", schema.User().Only("userName", "nick", "name.nick", "title.x"), nil,
			[]string{urn + "nick: is not an attribute", urn + "name.nick: is not an attribute", urn + "title.x: is not an attribute"}},
		{"without, unknown name", schema.User().Without("salary"), nil, []string{urn + "salary: is not an attribute"}},
		{"only, required attribute", schema.User().Only("title"), nil, []string{urn + "userName: cannot be left out: it is required"}},
		{"without, required attribute", schema.Group().Without("displayName"), nil, []string{"Group:displayName: cannot be left out: it is required"}},
		{"without, required sub-attribute", car().Without("owner.value"), nil, []string{carURN + ":owner.value: cannot be left out: it is required"}},
		{"only, required sub-attribute", car().Only("owner.display"), nil, []string{carURN + ":owner.value: cannot be left out: it is required"}},
		{"without the parent of a required sub-attribute", car().Without("owner"), map[string][]string{"plate": nil}, nil},
		{"without all sub-attributes", schema.User().Without("groups.value", "groups.$ref", "groups.display", "groups.type"), nil,
			[]string{urn + "groups: is complex and has no sub-attributes"}},
		{"without a common attribute", schema.User().Without("externalId"), nil, []string{urn + "externalId: cannot be left out: every resource has"}},
		{"errors of two steps", schema.User().Only("userName", "x").Without("y"), nil, []string{urn + "x: is not", urn + "y: is not"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wantMessages(t, tt.schema.Validate(), tt.errs...)
			if tt.want == nil {
				return
			}
			if diff := cmp.Diff(tt.want, subs(tt.schema)); diff != "" {
				t.Errorf("attributes differ (-want +got):\n%s", diff)
			}
		})
	}
}

func car() *schema.Schema {
	return &schema.Schema{ID: carURN, Attributes: []schema.Attribute{
		{Name: "plate"},
		{Name: "owner", Type: schema.Complex, SubAttributes: []schema.Attribute{
			{Name: "value", Required: true},
			{Name: "display"},
		}},
	}}
}

func TestOnlyLeavesTheOriginalAlone(t *testing.T) {
	s := schema.User()
	narrow := s.Only("userName", "emails.type")
	narrow.Attributes[1].SubAttributes[0].CanonicalValues[0] = "changed"
	if diff := cmp.Diff(schema.User().Attributes, s.Attributes); diff != "" {
		t.Errorf("the original changed (-want +got):\n%s", diff)
	}
}
