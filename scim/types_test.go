package scim_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// TestReadyMadeStructs takes the RFC's full examples through User and Group
// and back (RFC 7643 section 8): only $ref, which is computed, is not in them.
func TestReadyMadeStructs(t *testing.T) {
	users, groups := schema.UserType(), schema.GroupType()
	for _, tt := range []struct {
		file string
		typ  *schema.ResourceType
		via  func() any
	}{
		{"user-full", users, func() any { return new(scim.User) }},
		{"user-enterprise", users, func() any { return new(scim.User) }},
		{"user-minimal", users, func() any { return new(scim.User) }},
		{"group", groups, func() any { return new(scim.Group) }},
	} {
		data, err := os.ReadFile("testdata/spec/" + tt.file + ".json")
		if err != nil {
			t.Fatal(err)
		}
		r := parse(t, tt.typ, string(data))
		v := tt.via()
		if err := r.Decode(v); err != nil {
			t.Fatal(err)
		}
		again, err := scim.NewResource(tt.typ, v)
		if err != nil {
			t.Fatal(err)
		}
		if m := again.Meta(); !m.Created.Equal(r.Meta().Created) || !m.LastModified.Equal(r.Meta().LastModified) {
			t.Errorf("%s: meta %v", tt.file, m)
		}
		r.SetMeta(scim.Meta{})
		again.SetMeta(scim.Meta{})
		want, got := withoutRefs(object(t, string(r.JSON()))), withoutRefs(object(t, string(again.JSON())))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.file, diff)
		}
		if tt.file == "user-full" && again.String("password") != "t1meMa$heen" {
			t.Error("the password is lost")
		}
	}
}

func withoutRefs(v any) any {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "$ref")
		for _, e := range v {
			withoutRefs(e)
		}
	case []any:
		for _, e := range v {
			withoutRefs(e)
		}
	}
	return v
}

// TestNarrowedSchema: the ready-made structs fit a schema that has less, as
// long as nothing is in what it lacks; a struct of the application's must fit.
func TestNarrowedSchema(t *testing.T) {
	users := &schema.ResourceType{Name: "User", Endpoint: "/Users", Schema: schema.User().Only("userName", "name.familyName", "emails.value")}
	r, err := scim.NewResource(users, scim.User{UserName: "x", Name: scim.Name{FamilyName: "Jensen"}, Emails: []scim.MultiValue{{Value: "a@example.com"}}})
	if err != nil {
		t.Fatal(err)
	}
	var u scim.User
	if err := r.Decode(&u); err != nil || u.Name.FamilyName != "Jensen" || u.Emails[0].Value != "a@example.com" {
		t.Errorf("%v %v", u, err)
	}
	for _, u := range []scim.User{
		{UserName: "x", NickName: "Babs"},
		{UserName: "x", Name: scim.Name{GivenName: "Barbara"}},
		{UserName: "x", Emails: []scim.MultiValue{{Value: "a", Type: "work"}}},
		{UserName: "x", Enterprise: &scim.EnterpriseUser{Department: "Tours"}},
	} {
		if _, err := scim.NewResource(users, u); err == nil {
			t.Errorf("%+v: what the schema lacks is lost without an error", u)
		}
	}
	if err := r.Decode(new(account)); err == nil {
		t.Error("a tag that names nothing is no error")
	}
	var embedded struct {
		scim.User
		Last string `scim:"name.familyName"`
	}
	if err := r.Decode(&embedded); err != nil || embedded.UserName != "x" || embedded.Last != "Jensen" {
		t.Errorf("embedded: %+v %v", embedded, err)
	}
}
