package document_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	. "github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
	"github.com/scimkit/scimkit/internal/vectors"
	"github.com/scimkit/scimkit/schema"
)

// TestCheckSchemas has the URIs of a request.
func TestCheckSchemas(t *testing.T) {
	const missing = "invalidValue schemas: " + userURN + " is missing"
	list := func(urns ...string) string { return `"schemas":["` + strings.Join(urns, `","`) + `"]` }
	department := `"` + enterpriseURN + `":{"department":"a"}`
	for _, tt := range []struct{ body, strict, tolerant, quirks string }{
		{list(userURN), "", "", ""},
		{list(userURN, enterpriseURN), "", "", ""},
		{list(enterpriseURN, userURN) + "," + department, "", "", ""},
		{department + "," + list(userURN, enterpriseURN), "", "", ""},
		{list(strings.ToUpper(userURN), strings.ToLower(enterpriseURN)) + "," + department, "", "", ""},
		{list(userURN, userURN), "", "", ""},
		{`"userName":"a"`, missing, "", "schemas-inferred"},
		{`"schemas":null`, missing, "", "schemas-inferred"},
		{`"schemas":[]`, missing, "", "schemas-inferred"},
		{department, missing, "", "schemas-inferred"},
		{list(userURN) + "," + department, "invalidValue schemas: " + enterpriseURN + " is missing, though", "", "schemas-inferred"},
		{list(userURN) + `,"` + enterpriseURN + `":{}`, "", "", ""},
		{list(enterpriseURN) + "," + department, missing, missing, ""},
		{list("urn:example:a"), `invalidValue schemas: "urn:example:a" is no schema of resource type User`, "", "schemas-inferred unknown-schema"},
		{list(userURN, "urn:example:a"), `invalidValue schemas: "urn:example:a" is no schema`, "", "unknown-schema"},
		{list(groupURN), `invalidValue schemas: "` + groupURN + `" is the schema of another resource type than User`,
			`invalidValue schemas: "` + groupURN + `" is the schema of another resource type than User`, ""},
		{list(userURN, groupURN), `invalidValue schemas: is the schema of another`, `invalidValue schemas: is the schema of another`, ""},
		{list(strings.Repeat("x", 5000)), `invalidValue schemas: "` + strings.Repeat("x", 100) + `"… is no schema`, "", "schemas-inferred unknown-schema"},
	} {
		check := func(want string, log *quirk.Log) {
			t.Helper()
			tree := NewTree(userType)
			if err := tree.Parse([]byte("{"+tt.body+"}"), &Options{}); err != nil {
				t.Fatal(err)
			}
			err := tree.CheckSchemas(log, func(urn string) bool { return urn == groupURN })
			problem(t, err, want)
			if err == nil != (want == "") {
				t.Errorf("%s: %v", tt.body, err)
			}
		}
		check(tt.strict, nil)
		var q quirks
		check(tt.tolerant, q.log(quirk.SchemasInferred, quirk.UnknownSchema))
		if tt.tolerant == "" && q.used() != tt.quirks {
			t.Errorf("%s: quirks %q, want %q", tt.body, q.used(), tt.quirks)
		}
	}
	if _, err := read(t, userType, `{"schemas":"`+userURN+`"}`, Options{}); err == nil {
		t.Error("schemas may be a string")
	}
}

// TestFinish checks whole resources.
func TestFinish(t *testing.T) {
	for _, tt := range []struct {
		name              string
		typ               *model.Type
		body, want, error string
	}{
		{"schemas are made", userType, `{"userName":"a"}`, `{"schemas":["` + userURN + `"],"userName":"a"}`, ""},
		{"with the extension that has data", userType, `{"userName":"a",` + enterprise(`"department":"b"`)[1:],
			`{"schemas":["` + userURN + `","` + enterpriseURN + `"],"userName":"a",` + enterprise(`"department":"b"`)[1:], ""},
		{"without the extension that has none", userType, `{"schemas":["` + userURN + `","` + enterpriseURN + `","x"],"userName":"a","` + enterpriseURN + `":{"manager":{}}}`,
			`{"schemas":["` + userURN + `"],"userName":"a"}`, ""},
		{"in canonical spelling", userType, `{"userName":"a","schemas":["` + strings.ToUpper(userURN) + `"]}`, `{"schemas":["` + userURN + `"],"userName":"a"}`, ""},
		{"required", userType, `{"title":"a"}`, "", "invalidValue userName: the attribute is required"},
		{"required, null", userType, `{"userName":null}`, "", "invalidValue userName: the attribute is required"},
		{"required of a group", groupType, `{}`, "", "invalidValue displayName: the attribute is required"},
		{"required, at the end", customType, `{"text":"a"}`, "", "invalidValue must: the attribute is required"},
		{"required in an object", customType, `{"must":"a","box":{"notes":["b"]}}`, "", "invalidValue box.label: the attribute is required"},
		{"required in an absent object", customType, `{"must":"a","box":{}}`, `{"schemas":["urn:example:Thing"],"must":"a"}`, ""},
		{"required in each element", customType, `{"must":"a","parts":[{"value":"b"},{"size":1}]}`, "", "invalidValue parts.value: the attribute is required"},
		{"one primary", userType, `{"userName":"a","emails":[{"value":"b","primary":true},{"value":"c","primary":false},{"value":"d"}]}`,
			`{"schemas":["` + userURN + `"],"userName":"a","emails":[{"value":"b","primary":true},{"value":"c","primary":false},{"value":"d"}]}`, ""},
		{"two primaries", userType, `{"userName":"a","emails":[{"value":"b","primary":true},{"value":"c","primary":true}]}`, "",
			"invalidValue emails: only one value may be primary"},
		{"a primary in each list", userType, `{"userName":"a","emails":[{"value":"b","primary":true}],"photos":[{"value":"c","primary":true}]}`,
			`{"schemas":["` + userURN + `"],"userName":"a","emails":[{"value":"b","primary":true}],"photos":[{"value":"c","primary":true}]}`, ""},
		{"required extension", required(), `{"must":"a"}`, "", "invalidValue urn:example:Extra: the resource type requires this extension"},
		{"required extension, empty", required(), `{"must":"a","urn:example:Extra":{"level":null}}`, "", "invalidValue urn:example:Extra: the resource type requires"},
		{"required extension without its attribute", required(), `{"must":"a","urn:example:Extra":{"nick":"b"}}`, "", "invalidValue urn:example:Extra:level: the attribute is required"},
		{"required extension, whole", required(), `{"must":"a","urn:example:Extra":{"level":1}}`,
			`{"schemas":["urn:example:Thing","urn:example:Extra"],"must":"a","urn:example:Extra":{"level":1}}`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tree := NewTree(tt.typ)
			if err := tree.Parse([]byte(tt.body), &Options{}); err != nil {
				t.Fatal(err)
			}
			err := tree.Finish(nil)
			problem(t, err, tt.error)
			if got := string(tree.Doc().Bytes()); err == nil && got != tt.want {
				t.Errorf("is   %s\nwant %s", got, tt.want)
			}
			if err == nil {
				if err := tree.Finish(nil); err != nil || string(tree.Doc().Bytes()) != tt.want {
					t.Errorf("finished twice: %v %s", err, tree.Doc().Bytes())
				}
			}
		})
	}
}

// TestFinishChange: what was against the schema may stay, as long as it is as it
// was.
func TestFinishChange(t *testing.T) {
	const two = `"emails":[{"value":"b","primary":true},{"value":"c","primary":true}]`
	for _, tt := range []struct {
		name           string
		typ            *model.Type
		old, is, error string
	}{
		{"required, missing before", userType, `{"title":"a"}`, `{"title":"b"}`, ""},
		{"required, there before", userType, `{"userName":"a"}`, `{"title":"b"}`, "invalidValue userName: the attribute is required"},
		{"required, at the end", customType, `{"text":"a"}`, `{"text":"b"}`, ""},
		{"required, one of two", customType, `{"box":{"label":"a","notes":["b"]}}`, `{"box":{"notes":["b"]}}`, "invalidValue box.label: the attribute is required"},
		{"required in an object, missing before", customType, `{"must":"a","box":{"notes":["b"]}}`, `{"must":"a","box":{"notes":["c"]}}`, ""},
		{"required in a new object", customType, `{"must":"a"}`, `{"must":"a","box":{"notes":["c"]}}`, "invalidValue box.label: the attribute is required"},
		{"required in an element as before", customType, `{"must":"a","parts":[{"size":1}]}`, `{"must":"b","parts":[{"size":1}]}`, ""},
		{"required in an element of a list that changes", customType, `{"must":"a","parts":[{"size":1}]}`, `{"must":"a","parts":[{"size":1},{"size":2}]}`, "invalidValue parts.value: the attribute is required"},
		{"required extension, missing before", required(), `{"must":"a"}`, `{"must":"b"}`, ""},
		{"its attribute, missing before", required(), `{"must":"a","urn:example:Extra":{"nick":"b"}}`, `{"must":"a","urn:example:Extra":{"nick":"c"}}`, ""},
		{"two primaries as before", userType, `{"userName":"a",` + two + `}`, `{"userName":"b",` + two + `}`, ""},
		{"two primaries of more", userType, `{"userName":"a",` + two + `}`, `{"userName":"a",` + strings.Replace(two, `"c"`, `"d"`, 1) + `}`, "invalidValue emails: only one value may be primary"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			old, tree := NewTree(tt.typ), NewTree(tt.typ)
			if err := errors.Join(old.Parse([]byte(tt.old), &Options{}), tree.Parse([]byte(tt.is), &Options{})); err != nil {
				t.Fatal(err)
			}
			old.Settle()
			problem(t, tree.FinishChange(nil, old.Doc()), tt.error)
		})
	}
}

// required is customType with an extension that each resource must have.
func required() *model.Type {
	return (&schema.ResourceType{Name: "Thing", Endpoint: "/Things",
		Schema: &schema.Schema{ID: "urn:example:Thing", Name: "Thing", Attributes: []schema.Attribute{{Name: "must", Required: true}}},
		Extensions: []schema.Extension{{Required: true, Schema: &schema.Schema{ID: "urn:example:Extra", Name: "Extra",
			Attributes: []schema.Attribute{{Name: "level", Type: schema.Integer, Required: true}, {Name: "nick"}}}}},
	}).Model()
}

// TestTwoPrimaries: where that is tolerated the last one stays (Q18).
func TestTwoPrimaries(t *testing.T) {
	var q quirks
	doc, err := create(userType, `{"schemas":["`+userURN+`"],"userName":"a","emails":[{"value":"b","primary":true},{"value":"c","primary":true},{"value":"d","primary":true}]}`,
		Options{Log: q.log(quirk.TwoPrimaries)})
	want := `[{"value":"b","primary":false},{"value":"c","primary":false},{"value":"d","primary":true}]`
	if err != nil || string(get(t, doc, "emails").Raw()) != want || q.used() != "two-primaries" {
		t.Errorf("%v %s (%s), want %s", err, get(t, doc, "emails").Raw(), q.used(), want)
	}
}

// TestVectors runs the request bodies of ../shared/vectors, which are read in
// place.
func TestVectors(t *testing.T) {
	var file struct {
		Cases []struct {
			ID, Kind, ResourceType, Flag, Note string
			Body                               json.RawMessage
			Valid                              bool
		}
	}
	vectors.Read(t, "validation.json", &file)
	ran := 0
	for _, c := range file.Cases {
		if c.Kind != "post" {
			continue
		}
		ran++
		t.Run(c.ID, func(t *testing.T) {
			typ := map[string]*model.Type{"User": userType, "Group": groupType}[c.ResourceType]
			doc, err := create(typ, string(c.Body), Options{Limits: limits})
			if (err == nil) != c.Valid {
				t.Errorf("%v, valid %v (%s %s): %s", err, c.Valid, c.Flag, c.Note, c.Body)
			}
			if err == nil {
				checkParse(t, 0, doc.Bytes())
			}
		})
	}
	if ran == 0 {
		t.Error("no case was run")
	}
}
