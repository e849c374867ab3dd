package main

import (
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// What the product has of SCIM's User and Group, and nothing else: this is what
// clients see at /Schemas, and what they send beyond it is left out.
var (
	userType = newUserType()
	teamType = newTeamType()
)

// newUserType: a User is exactly the core User.
func newUserType() *scim.ResourceType {
	t := schema.UserType()
	t.Extensions = nil
	t.Schema = t.Schema.Only("userName", "active", "emails.value", "emails.type", "emails.primary",
		"name.givenName", "name.familyName", "nickName", "photos.value", "photos.type")
	attribute(t, "userName").Description = "The person's e-mail address."
	attribute(t, "emails").Description = "One entry, whose value is userName. Other addresses are left out."
	attribute(t, "emails", "type").CanonicalValues = []string{"work"}
	attribute(t, "photos").Description = "One entry, a picture of the person."
	attribute(t, "photos", "type").CanonicalValues = []string{"photo"}
	return t
}

// newTeamType: a Group is a team, and its members are people.
func newTeamType() *scim.ResourceType {
	t := schema.GroupType()
	attribute(t, "members", "type").CanonicalValues = []string{"User"}
	attribute(t, "members", "$ref").ReferenceTypes = []string{"User"}
	return t
}

// attribute finds an attribute, or a sub-attribute, to be changed.
func attribute(t *scim.ResourceType, path ...string) *schema.Attribute {
	list := t.Schema.Attributes
	for {
		i := 0
		for list[i].Name != path[0] {
			i++
		}
		if len(path) == 1 {
			return &list[i]
		}
		list, path = list[i].SubAttributes, path[1:]
	}
}
