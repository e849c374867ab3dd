package schema_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimkit/scimkit/schema"
)

func TestRFCSchemasRoundTrip(t *testing.T) {
	files, err := filepath.Glob("rfc/*.json")
	if err != nil || len(files) != 6 {
		t.Fatalf("rfc/*.json: %d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, err := schema.Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			want := decode(t, data)
			delete(want, "meta") // depends on the server
			if diff := cmp.Diff(want, decode(t, encode(t, s))); diff != "" {
				t.Errorf("JSON differs (-want +got):\n%s", diff)
			}
		})
	}
}

func decode(t *testing.T, data []byte) (m map[string]any) {
	t.Helper()
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func encode(t *testing.T, s *schema.Schema) []byte {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// What the RFC says of the characteristics in a Schema resource holds for every
// attribute of its own schemas.
func TestPublishedCharacteristics(t *testing.T) {
	for _, s := range append(schema.ServiceProvider(), schema.User(), schema.Group(), schema.EnterpriseUser()) {
		m := decode(t, encode(t, s))
		if diff := cmp.Diff([]any{"urn:ietf:params:scim:schemas:core:2.0:Schema"}, m["schemas"]); diff != "" {
			t.Errorf("%s: schemas:\n%s", s.ID, diff)
		}
		checkPublished(t, s.ID, m["attributes"])
	}
}

func checkPublished(t *testing.T, path string, list any) {
	for _, e := range list.([]any) {
		a := e.(map[string]any)
		path := path + ":" + a["name"].(string)
		has := func(name string) bool { _, ok := a[name]; return ok }
		typ := a["type"].(string)
		check := func(name string, want bool) {
			if has(name) != want {
				t.Errorf("%s (%s): %s is there: %v", path, typ, name, has(name))
			}
		}
		check("caseExact", strings.Contains("string reference binary", typ))
		check("uniqueness", strings.Contains("string reference integer decimal", typ))
		check("referenceTypes", typ == "reference")
		check("subAttributes", typ == "complex")
		for _, name := range []string{"multiValued", "required", "mutability", "returned"} {
			check(name, true)
		}
		for name, v := range a {
			if v == nil {
				t.Errorf("%s: %s is null", path, name)
			}
		}
		if subs, ok := a["subAttributes"]; ok {
			checkPublished(t, path, subs)
		}
	}
}

func TestZeroValueIsDefault(t *testing.T) {
	parsed, err := schema.Parse([]byte(`{"id":"urn:example:schemas:Car","attributes":[{"name":"x"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]schema.Attribute{{Name: "x"}}, parsed.Attributes); diff != "" {
		t.Errorf("defaults differ from the zero value (-want +got):\n%s", diff)
	}
	want := map[string]any{
		"name": "x", "type": "string", "multiValued": false, "required": false, "caseExact": false,
		"mutability": "readWrite", "returned": "default", "uniqueness": "none",
	}
	got := decode(t, encode(t, parsed))["attributes"].([]any)[0]
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

// What a definition cannot say otherwise is published as it is in force.
func TestCharacteristicsInForce(t *testing.T) {
	s := &schema.Schema{ID: carURN, Attributes: []schema.Attribute{
		{Name: "photo", Type: schema.Reference, ReferenceTypes: []string{"external"}},
		{Name: "key", Type: schema.Binary},
		{Name: "secret", Mutability: schema.WriteOnly},
	}}
	list := decode(t, encode(t, s))["attributes"].([]any)
	for i, want := range []struct {
		name  string
		value any
	}{{"caseExact", true}, {"caseExact", true}, {"returned", "never"}} {
		if got := list[i].(map[string]any)[want.name]; got != want.value {
			t.Errorf("%s: %s = %v, want %v", s.Attributes[i].Name, want.name, got, want.value)
		}
	}
}

func TestFreshCopies(t *testing.T) {
	for _, get := range []func() *schema.Schema{schema.User, schema.Group, schema.EnterpriseUser,
		func() *schema.Schema { return schema.ServiceProvider()[1] }} {
		want := encode(t, get())
		s := get()
		s.ID = "changed"
		s.Attributes[0].Name = "changed"
		for i := range s.Attributes {
			for j := range s.Attributes[i].SubAttributes {
				sub := &s.Attributes[i].SubAttributes[j]
				for k := range sub.ReferenceTypes {
					sub.ReferenceTypes[k] = "changed"
				}
				sub.Name = "changed"
			}
		}
		if diff := cmp.Diff(string(want), string(encode(t, get()))); diff != "" {
			t.Errorf("a copy shares memory:\n%s", diff)
		}
	}
}

func TestServiceProvider(t *testing.T) {
	var got []string
	for _, s := range schema.ServiceProvider() {
		got = append(got, s.ID)
		if err := s.Validate(); err != nil {
			t.Error(err)
		}
	}
	const core = "urn:ietf:params:scim:schemas:core:2.0:"
	want := []string{core + "ServiceProviderConfig", core + "ResourceType", core + "Schema"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestKeywords(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{schema.Type(0).String(), "string"}, {schema.Boolean.String(), "boolean"}, {schema.Decimal.String(), "decimal"},
		{schema.Integer.String(), "integer"}, {schema.DateTime.String(), "dateTime"}, {schema.Binary.String(), "binary"},
		{schema.Reference.String(), "reference"}, {schema.Complex.String(), "complex"}, {schema.Type(9).String(), "Type(9)"},
		{schema.Mutability(0).String(), "readWrite"}, {schema.ReadOnly.String(), "readOnly"},
		{schema.Immutable.String(), "immutable"}, {schema.WriteOnly.String(), "writeOnly"},
		{schema.Returned(0).String(), "default"}, {schema.ReturnedAlways.String(), "always"},
		{schema.ReturnedNever.String(), "never"}, {schema.ReturnedRequest.String(), "request"},
		{schema.Uniqueness(0).String(), "none"}, {schema.UniqueServer.String(), "server"}, {schema.UniqueGlobal.String(), "global"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestParse(t *testing.T) {
	got, err := schema.Parse([]byte(`{
		"SCHEMAS": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
		"Id": "urn:example:schemas:Car",
		"NAME": "Car",
		"meta": {"location": "https://example.com/Schemas/urn:example:schemas:Car"},
		"x-vendor": {"id": 1, "id": 2},
		"attributes": [
			{"Name": "colour", "TYPE": "string", "canonicalValues": ["red"], "caseexact": true, "required": null, "vendor": [1]},
			{"name": "owner", "type": "complex", "multiValued": true, "mutability": "immutable", "returned": "request",
			 "caseExact": false, "uniqueness": "none", "referenceTypes": [], "subAttributes": [
				{"name": "value", "uniqueness": "global"},
				{"name": "$ref", "type": "reference", "referenceTypes": ["User"], "subAttributes": null}
			]}
		]
	}`))
	if err != nil {
		t.Fatal(err)
	}
	want := &schema.Schema{ID: carURN, Name: "Car", Attributes: []schema.Attribute{
		{Name: "colour", CanonicalValues: []string{"red"}, CaseExact: true},
		{Name: "owner", Type: schema.Complex, MultiValued: true, Mutability: schema.Immutable, Returned: schema.ReturnedRequest,
			ReferenceTypes: []string{},
			SubAttributes: []schema.Attribute{
				{Name: "value", Uniqueness: schema.UniqueGlobal},
				{Name: "$ref", Type: schema.Reference, ReferenceTypes: []string{"User"}},
			}},
	}}
	if diff := cmp.Diff(want.Attributes, got.Attributes); diff != "" || got.ID != want.ID || got.Name != want.Name {
		t.Errorf("%s %s (-want +got):\n%s", got.ID, got.Name, diff)
	}
}

func TestParseErrors(t *testing.T) {
	attr := func(s string) string { return `{"id":"urn:example:Car","attributes":[` + s + `]}` }
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"empty", ``, []string{"is not valid JSON"}},
		{"cut off", `{"id":"urn:example:Car"`, []string{"is not valid JSON"}},
		{"more after the end", attr(`{"name":"x"}`) + `{}`, []string{"is not valid JSON"}},
		{"not UTF-8", attr("{\"name\":\"x\",\"description\":\"\xff\"}"), []string{"is not valid JSON"}},
		{"array", `[]`, []string{"is not a JSON object"}},
		{"null", `null`, []string{"is not a JSON object"}},
		{"id is a number", `{"id":1,"attributes":[{"name":"x"}]}`, []string{": id is not a string"}},
		{"no id", `{"attributes":[{"name":"x"}]}`, []string{"has no ID"}},
		{"no attributes", `{"id":"urn:example:Car"}`, []string{"urn:example:Car: has no attributes"}},
		{"attributes is an object", `{"id":"urn:example:Car","attributes":{}}`, []string{"urn:example:Car: attributes is not an array of objects"}},
		{"attribute is a string", attr(`"x"`), []string{"urn:example:Car:attributes[0]: is not a JSON object"}},
		{"attribute is null", attr(`null`), []string{"Car:attributes[0]: is not a JSON object"}},
		{"key twice", `{"id":"urn:example:Car","attributes":[{"name":"x"}],"id":"urn:example:Bus"}`, []string{`has "id" twice`}},
		{"key twice, letter case", attr(`{"name":"x","caseExact":true,"caseexact":false}`), []string{`Car:attributes[0]: has "caseexact" twice`}},
		{"key twice, null", attr(`{"name":"x","type":null,"type":"integer"}`), []string{`Car:attributes[0]: has "type" twice`}},
		{"name is a number", attr(`{"name":1}`), []string{"Car:attributes[0]: name is not a string"}},
		{"no name", attr(`{"type":"string"}`), []string{"Car:attributes[0]: has no name"}},
		{"unknown type", attr(`{"name":"x","type":"money"}`), []string{`Car:x: type is "money"; it can be "string", "boolean", "decimal", "integer", "dateTime", "binary", "reference" or "complex"`}},
		{"unknown mutability", attr(`{"name":"x","mutability":"readonly"}`), []string{`Car:x: mutability is "readonly"; it can be "readWrite", "readOnly"`}},
		{"unknown returned", attr(`{"name":"x","returned":"sometimes"}`), []string{`Car:x: returned is "sometimes"`}},
		{"unknown uniqueness", attr(`{"name":"x","uniqueness":"client"}`), []string{`Car:x: uniqueness is "client"`}},
		{"required is a string", attr(`{"name":"x","required":"true"}`), []string{"Car:x: required is not true or false"}},
		{"canonicalValues of numbers", attr(`{"name":"x","canonicalValues":[1]}`), []string{"Car:x: canonicalValues is not an array of strings"}},
		{"null among canonicalValues", attr(`{"name":"x","canonicalValues":[null]}`), []string{"Car:x: has an empty canonical value"}},
		{"sub-attribute", attr(`{"name":"x","type":"complex","subAttributes":[{"name":"y","multiValued":1}]}`), []string{"Car:x.y: multiValued is not true or false"}},
		{"sub-attribute without name", attr(`{"name":"x","type":"complex","subAttributes":[{}]}`), []string{"Car:x.subAttributes[0]: has no name"}},
		{"complex in complex", attr(`{"name":"x","type":"complex","subAttributes":[{"name":"y","type":"complex","subAttributes":[{"name":"z"}]}]}`), []string{"Car:x.y: is a complex sub-attribute"}},
		{"nested deep", attr(strings.Repeat(`{"name":"x","type":"complex","subAttributes":[`, 4000) + strings.Repeat(`]}`, 4000)), []string{"Car:x.x.x: has sub-attributes that are nested too deep"}},
		{"nested deeper than JSON allows", strings.Repeat(`[`, 20000) + strings.Repeat(`]`, 20000), []string{"is not valid JSON"}},
		{"boolean with caseExact", attr(`{"name":"x","type":"boolean","caseExact":true}`), []string{"Car:x: is caseExact"}},
		{"several", attr(`{"name":"x","type":1,"required":1},{"name":"y","type":"z"}`), []string{"Car:x: type is not", "Car:x: required is not", "Car:y: type is"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := schema.Parse([]byte(tt.in))
			if s != nil {
				t.Errorf("got a schema with the error")
			}
			wantMessages(t, err, tt.want...)
		})
	}
}

func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("rfc/*.json")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"id":"urn:example:Car","attributes":[{"name":"x","canonicalValues":["a"]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := schema.Parse(data)
		if err != nil {
			return
		}
		again, err := schema.Parse(encode(t, s))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(encode(t, s)), string(encode(t, again))); diff != "" {
			t.Errorf("the round trip changed it:\n%s", diff)
		}
		(&schema.ResourceType{Name: "Car", Endpoint: "/Cars", Schema: s}).Model()
	})
}

func TestGroupTypeNameIsUnique(t *testing.T) {
	if a, ok := schema.GroupType().Attribute("displayName"); !ok || a.Uniqueness != schema.UniqueServer {
		t.Errorf("GroupType: displayName is %v, want uniqueness server", a)
	}
	plain := &schema.ResourceType{Name: "Group", Endpoint: "/Groups", Schema: schema.Group()}
	if a, ok := plain.Attribute("displayName"); !ok || a.Uniqueness != schema.UniqueNone {
		t.Errorf("Group: displayName is %v, want the RFC's uniqueness none", a)
	}
}
