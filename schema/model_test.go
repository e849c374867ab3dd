package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/schema"
)

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

// smallUser has one attribute of each shape.
func smallUser() *schema.ResourceType {
	return &schema.ResourceType{
		Name:     "User",
		Endpoint: "/Users",
		Schema:   schema.User().Only("userName", "password", "emails.value", "emails.primary", "x509Certificates.value", "groups"),
		Extensions: []schema.Extension{
			{Schema: schema.EnterpriseUser().Only("department", "manager")},
			{Required: true, Schema: &schema.Schema{ID: "urn:Example:schemas:Badge", Attributes: []schema.Attribute{
				{Name: "userName", Type: schema.Integer, Uniqueness: schema.UniqueGlobal},
			}}},
		},
	}
}

func TestModelTable(t *testing.T) {
	m := smallUser().Model()
	var got []string
	for i := range m.Attrs {
		got = append(got, row(&m.Attrs[i]))
	}
	if diff := cmp.Diff(modelTable, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Number, parent and end, path, type and characteristics of each attribute.
var modelTable = []string{
	"0 ^65535 <30  complex",
	"1 ^0 <2 schemas string multi required always",
	"2 ^0 <3 id string readOnly always caseExact unique",
	"3 ^0 <4 externalId string caseExact",
	"4 ^0 <5 userName string required unique",
	"5 ^0 <6 password string writeOnly never",
	"6 ^0 <9 emails complex multi",
	"7 ^6 <8 emails.value string",
	"8 ^6 <9 emails.primary boolean",
	"9 ^0 <14 groups complex multi readOnly resourceRef",
	"10 ^9 <11 groups.value string readOnly caseExact",
	"11 ^9 <12 groups.$ref reference readOnly caseExact [Group]",
	"12 ^9 <13 groups.display string readOnly",
	"13 ^9 <14 groups.type string readOnly [direct indirect]",
	"14 ^0 <16 x509Certificates complex multi",
	"15 ^14 <16 x509Certificates.value binary caseExact",
	"16 ^0 <22 " + enterprise + " complex extension",
	"17 ^16 <18 " + enterprise + ":department string",
	"18 ^16 <22 " + enterprise + ":manager complex resourceRef",
	"19 ^18 <20 " + enterprise + ":manager.value string caseExact",
	"20 ^18 <21 " + enterprise + ":manager.$ref reference caseExact [User]",
	"21 ^18 <22 " + enterprise + ":manager.displayName string readOnly",
	"22 ^0 <24 urn:Example:schemas:Badge complex extension required",
	"23 ^22 <24 urn:Example:schemas:Badge:userName integer unique",
	"24 ^0 <30 meta complex readOnly",
	"25 ^24 <26 meta.resourceType string readOnly caseExact",
	"26 ^24 <27 meta.created dateTime readOnly",
	"27 ^24 <28 meta.lastModified dateTime readOnly",
	"28 ^24 <29 meta.location reference readOnly caseExact [uri]",
	"29 ^24 <30 meta.version string readOnly caseExact",
}

func row(a *model.Attr) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d ^%d <%d %s %s", a.ID, a.Parent, a.End, a.Path, a.Kind)
	for _, f := range []struct {
		on   bool
		name string
	}{
		{a.Extension, "extension"}, {a.Multi, "multi"}, {a.Required, "required"},
		{a.Mutability != 0, schema.Mutability(a.Mutability).String()}, {a.Returned != 0, schema.Returned(a.Returned).String()},
		{a.CaseExact, "caseExact"}, {a.Unique, "unique"}, {a.ResourceRef, "resourceRef"},
	} {
		if f.on {
			b.WriteString(" " + f.name)
		}
	}
	if a.Canonical != nil {
		fmt.Fprintf(&b, " %s", a.Canonical)
	}
	if a.References != nil {
		fmt.Fprintf(&b, " %s", a.References)
	}
	return b.String()
}

func TestModelNames(t *testing.T) {
	m := smallUser().Model()
	for i := range m.Attrs {
		a := &m.Attrs[i]
		if want := `"` + a.Name + `":`; model.ID(i) != model.Root && a.Key != want {
			t.Errorf("%s: key %s, want %s", a.Path, a.Key, want)
		}
		wantSchema := ""
		switch {
		case strings.HasPrefix(a.Path, enterprise):
			wantSchema = enterprise
		case strings.HasPrefix(a.Path, "urn:Example"):
			wantSchema = "urn:Example:schemas:Badge"
		case a.ID == model.Root, a.ID > model.ExternalID && a.ID < m.Meta:
			wantSchema = m.SchemaURN
		}
		if a.Schema != wantSchema {
			t.Errorf("%s: schema %q, want %q", a.Path, a.Schema, wantSchema)
		}
	}
	wantExtensions := []model.Extension{
		{URN: enterprise, ID: 16},
		{URN: "urn:Example:schemas:Badge", ID: 22, Required: true},
	}
	if diff := cmp.Diff(wantExtensions, m.Extensions); diff != "" {
		t.Errorf("extensions (-want +got):\n%s", diff)
	}
	got := []model.ID{m.Meta, m.MetaType, m.MetaCreated, m.MetaLastModified, m.MetaLocation, m.MetaVersion}
	if diff := cmp.Diff([]model.ID{24, 25, 26, 27, 28, 29}, got); diff != "" {
		t.Errorf("meta (-want +got):\n%s", diff)
	}
	if m.Name != "User" || m.Endpoint != "/Users" || m.SchemaURN != schema.User().ID || !m.HasHidden || !m.HasRefs {
		t.Errorf("got %s %s %s, hidden %v, references %v", m.Name, m.Endpoint, m.SchemaURN, m.HasHidden, m.HasRefs)
	}
}

func TestModelLookups(t *testing.T) {
	m := smallUser().Model()
	for _, tt := range []struct {
		parent model.ID
		name   string
		want   model.ID
	}{
		{model.Root, "schemas", model.Schemas},
		{model.Root, "ID", model.IDAttr},
		{model.Root, "externalid", model.ExternalID},
		{model.Root, "userName", 4},
		{model.Root, "USERNAME", 4},
		{model.Root, "nickName", model.None},
		{model.Root, "meta", 24},
		{model.Root, "value", model.None},
		{model.Root, strings.ToUpper(enterprise), 16},
		{4, "value", model.None},
		{9, "$REF", 11},
		{16, "Manager", 18},
		{18, "DISPLAYNAME", 21},
		{22, "username", 23},
		{24, "resourcetype", 25},
		{model.None, "x", model.None},
	} {
		if got := m.SubString(tt.parent, tt.name); got != tt.want {
			t.Errorf("SubString(%d, %s) = %d, want %d", tt.parent, tt.name, got, tt.want)
		}
		if got := m.Sub(tt.parent, []byte(tt.name)); got != tt.want {
			t.Errorf("Sub(%d, %s) = %d, want %d", tt.parent, tt.name, got, tt.want)
		}
	}
	groups := m.Attr(9)
	got := []model.ID{groups.Value, groups.Ref, groups.Display, groups.TypeSub, groups.Primary, m.Attr(6).Primary}
	if diff := cmp.Diff([]model.ID{10, 11, 12, 13, model.None, 8}, got); diff != "" {
		t.Errorf("predefined sub-attributes (-want +got):\n%s", diff)
	}
	if got := m.InOneExtension("department"); got != 17 {
		t.Errorf("InOneExtension(department) = %d, want 17", got)
	}
}

func TestModelSplitURN(t *testing.T) {
	rt := schema.UserType()
	rt.Extensions = append(rt.Extensions, schema.Extension{Schema: &schema.Schema{
		ID: enterprise + ":Longer", Attributes: []schema.Attribute{{Name: "x"}},
	}})
	m := rt.Model()
	first, second := m.Extensions[0].ID, m.Extensions[1].ID
	for _, tt := range []struct {
		path      string
		container model.ID
		rest      string
		sep       byte
		ok        bool
	}{
		{"userName", 0, "", 0, false},
		{"urn:example:other:x", 0, "", 0, false},
		{schema.User().ID, model.Root, "", 0, true},
		{strings.ToUpper(schema.User().ID) + ":userName", model.Root, "userName", ':', true},
		{enterprise, first, "", 0, true},
		{enterprise + ":manager.value", first, "manager.value", ':', true},
		{enterprise + ".manager", first, "manager", '.', true},
		{enterprise + "Longer:x", 0, "", 0, false},
		{enterprise + ":Longer:x", second, "x", ':', true},
	} {
		container, rest, sep, ok := m.SplitURN(tt.path)
		if container != tt.container || rest != tt.rest || sep != tt.sep || ok != tt.ok {
			t.Errorf("SplitURN(%s) = %d %q %q %v", tt.path, container, rest, sep, ok)
		}
	}
}

func TestTypesMatchModel(t *testing.T) {
	for k := range model.Complex + 1 {
		if got := schema.Type(k).String(); got != k.String() {
			t.Errorf("type %d is %s here and %s in the model", k, got, k)
		}
	}
}

func TestAttribute(t *testing.T) {
	rt := schema.UserType()
	for _, tt := range []struct{ path, want string }{
		{"userName", "userName"},
		{"USERNAME", "userName"},
		{"name.GivenName", "givenName"},
		{"name", "name"},
		{"members.$ref", ""},
		{"groups.$ref", "$ref"},
		{"id", "id"},
		{"meta.LastModified", "lastModified"},
		{schema.User().ID + ":userName", "userName"},
		{enterprise + ":manager.value", "value"},
		{strings.ToUpper(enterprise) + ":MANAGER", "manager"},
		{enterprise, ""},
		{enterprise + ".manager", ""},
		{enterprise + ":", ""},
		{enterprise + ":userName", ""},
		{"urn:example:other:userName", ""},
		{"manager", ""},
		{"name.", ""},
		{"userName.x", ""},
		{"name.givenName.x", ""},
		{"", ""},
	} {
		a, ok := rt.Attribute(tt.path)
		switch {
		case ok != (tt.want != ""):
			t.Errorf("Attribute(%q): %v", tt.path, ok)
		case ok && a.Name != tt.want:
			t.Errorf("Attribute(%q) = %s, want %s", tt.path, a.Name, tt.want)
		}
	}
	invalid := &schema.ResourceType{Name: "User"}
	if a, ok := invalid.Attribute("id"); ok {
		t.Errorf("an invalid type has the attribute %v", a)
	}
}

// A core schema may list common attributes; their characteristics stay those of
// RFC 7643 section 3.1. In an extension the same names are attributes of its own.
func TestCommonAttributesWin(t *testing.T) {
	listed := []schema.Attribute{
		{Name: "ID", Type: schema.Integer, Returned: schema.ReturnedRequest},
		{Name: "plate"},
		{Name: "meta", Type: schema.Boolean},
	}
	rt := &schema.ResourceType{
		Name:       "Car",
		Endpoint:   "/Cars",
		Schema:     &schema.Schema{ID: carURN, Attributes: listed},
		Extensions: []schema.Extension{{Schema: &schema.Schema{ID: "urn:example:x", Attributes: listed}}},
	}
	var got []string
	for i := range rt.Model().Attrs {
		got = append(got, row(&rt.Model().Attrs[i]))
	}
	want := []string{
		"4 ^0 <5 plate string",
		"5 ^0 <9 urn:example:x complex extension",
		"6 ^5 <7 urn:example:x:ID integer request",
		"7 ^5 <8 urn:example:x:plate string",
		"8 ^5 <9 urn:example:x:meta boolean",
		"9 ^0 <15 meta complex readOnly",
	}
	if diff := cmp.Diff(want, got[4:10]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(modelTable[1:4], got[1:4]); diff != "" {
		t.Errorf("common attributes (-want +got):\n%s", diff)
	}
	if id, _ := rt.Attribute("id"); id.Type != schema.String || id.Mutability != schema.ReadOnly || id.Returned != schema.ReturnedAlways || !id.CaseExact {
		t.Errorf("id is %+v", id)
	}

	schemas := rt.Schemas()
	if diff := cmp.Diff([][]schema.Attribute{{{Name: "plate"}}, listed}, [][]schema.Attribute{schemas[0].Attributes, schemas[1].Attributes}); diff != "" {
		t.Errorf("Schemas (-want +got):\n%s", diff)
	}
}

func TestModelKeepsNothingOfTheDefinition(t *testing.T) {
	rt := schema.UserType()
	groups := rt.Model().SubString(model.Root, "groups")
	for i := range rt.Schema.Attributes {
		a := &rt.Schema.Attributes[i]
		if a.Name == "groups" {
			a.SubAttributes[1].ReferenceTypes[0] = "changed"
		}
		a.Name = "changed"
	}
	m := rt.Model()
	if diff := cmp.Diff([]string{"Group"}, m.Attr(m.Attr(groups).Ref).References); diff != "" || m.Attr(groups).Name != "groups" {
		t.Errorf("the model changed with the definition: %s", diff)
	}
	if a, ok := rt.Attribute("groups.$ref"); !ok || a.ReferenceTypes[0] != "Group" {
		t.Errorf("the definition that Attribute gives changed: %v", a)
	}
}

func TestModelIsMadeOnce(t *testing.T) {
	rt := schema.GroupType()
	models := make(chan *model.Type)
	for range 4 {
		go func() { models <- rt.Model() }()
	}
	first := <-models
	for range 3 {
		if m := <-models; m != first {
			t.Error("Model made two models")
		}
	}
}

func TestModelOfInvalidTypePanics(t *testing.T) {
	rt := &schema.ResourceType{Name: "Car"}
	for range 2 { // the second time too
		func() {
			defer func() {
				if err, ok := recover().(error); !ok || err.Error() != rt.Validate().Error() {
					t.Errorf("panicked with %v", err)
				}
			}()
			rt.Model()
		}()
	}
}

func TestLargestModel(t *testing.T) {
	rt := &schema.ResourceType{Name: "Car", Endpoint: "/Cars", Schema: &schema.Schema{ID: carURN, Attributes: many(64999)}}
	m := rt.Model()
	if last := m.Attrs[len(m.Attrs)-1]; last.ID != m.MetaVersion || last.End != m.Attr(model.Root).End || last.ID == model.None {
		t.Errorf("the last attribute is %d, up to %d", last.ID, last.End)
	}
}
